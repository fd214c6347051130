import Link from "next/link";
import { useTranslations } from "next-intl";
import type { ReactNode } from "react";
import { Card } from "@/components/card";
import { Time } from "@/components/time";
import { figuresOf } from "@/lib/ml/evaluation";
import type { Model } from "@/lib/models";
import { Measured } from "../../models/measured-figure";

/** What answers now, as well as it was measured, and where a roll back leads. */
export function VersionCard({
  slug,
  model,
  previous,
  children,
}: {
  slug: string;
  model: Model;
  previous: Model | undefined;
  /** What may be set of it under this name. */
  children: ReactNode;
}) {
  const t = useTranslations("serving");
  const [figure] = figuresOf(model.report.evaluation);
  return (
    <Card title={t("answersNow")}>
      <div className="flex flex-wrap items-start justify-between gap-x-8 gap-y-3">
        <div className="min-w-0">
          <Link
            className="text-accent font-mono text-sm break-all hover:underline"
            href={`/${slug}/models/${model.id}`}
          >
            {model.name}
          </Link>
          <p className="text-ink-3 mt-1 text-xs">
            {model.recipe} · <Time at={model.createdAt} />
          </p>
          {previous && (
            <p className="text-ink-3 mt-2 text-xs break-all">{t("before", { name: previous.name })}</p>
          )}
        </div>
        {figure && (
          <div className="sm:text-right">
            <Measured metric={figure[0]} estimate={figure[1]} />
          </div>
        )}
      </div>
      {children}
    </Card>
  );
}
