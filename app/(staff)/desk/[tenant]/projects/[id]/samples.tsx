import { getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { Progress } from "@/components/progress";
import { ReadinessReport } from "@/components/readiness-report";
import type { ProjectView } from "@/lib/project-view";
import { OrderAppraisal } from "./order-appraisal";

interface Props {
  sets: ProjectView["sets"];
  slug: string;
  mayOrder: boolean;
}

/** What the customer's samples are fit for: what a quote begins from. */
export async function Samples({ sets, slug, mayOrder }: Props) {
  const t = await getTranslations("projects.samples");
  return (
    <Card title={t("title")} description={sets.length === 0 ? t("none") : t("text")} isFlush>
      <ul className="divide-y empty:hidden">
        {sets.map(({ id, name, appraisal }) => (
          <li key={id} id={`sample-${id}`} className="grid gap-3 px-4 py-3 text-sm sm:px-5">
            <div className="flex flex-wrap items-center justify-between gap-2">
              <span className="font-medium">{name}</span>
              {appraisal?.state === "failed" && <span className="text-ink-2">{t("failed")}</span>}
              {mayOrder && (appraisal === null || appraisal.state === "failed") && (
                <OrderAppraisal slug={slug} versionId={id} />
              )}
            </div>
            {appraisal?.state === "running" && <Progress value={null} label={t("running")} />}
            {appraisal?.report && <ReadinessReport report={appraisal.report} />}
          </li>
        ))}
      </ul>
    </Card>
  );
}
