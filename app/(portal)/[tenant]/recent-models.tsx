import { Rocket } from "lucide-react";
import Link from "next/link";
import { useTranslations } from "next-intl";
import { Button } from "@/components/button";
import { Card } from "@/components/card";
import { EmptyState } from "@/components/empty-state";
import { Time } from "@/components/time";
import { figuresOf } from "@/lib/ml/evaluation";
import type { Model } from "@/lib/models";
import { FirstModelBadge } from "./first-model-badge";
import { useMetricText } from "./models/use-metric-text";
import { shortName } from "./short-name";

interface Props {
  slug: string;
  models: readonly Model[];
  mayWrite: boolean;
}

export function RecentModels({ slug, models, mayWrite }: Props) {
  const t = useTranslations("portal.overview");
  const { textOf } = useMetricText();
  return (
    <Card title={t("recentModels")} isFlush>
      {models.length === 0 ? (
        <EmptyState
          icon={<Rocket />}
          title={t("noModels")}
          text={t("noModelsText")}
          action={
            mayWrite && (
              <Button asChild variant="secondary">
                <Link href={`/${slug}/datasets/new`}>{t("new")}</Link>
              </Button>
            )
          }
        />
      ) : (
        <ul className="divide-y">
          {models.map((model) => (
            <li key={model.id}>
              <Link
                href={`/${slug}/models/${model.id}`}
                className="hover:bg-hover flex items-center gap-4 px-4 py-3 sm:px-5"
              >
                <span className="min-w-0 flex-1">
                  <span className="block truncate text-sm font-medium">{shortName(model.name)}</span>
                  <span className="text-ink-3 block truncate text-xs">
                    {model.recipe} · <Time at={model.createdAt} />
                  </span>
                </span>
                <FirstModelBadge step={model.checkpointStep} />
                <span className="figures text-lg font-semibold">
                  {figuresOf(model.report.evaluation)
                    .slice(0, 1)
                    .map(([metric, { value }]) => textOf(metric, value))}
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
