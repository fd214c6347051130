import { getTranslations } from "next-intl/server";
import { Card } from "@/components/card";
import { Progress } from "@/components/progress";
import { ReadinessReport } from "@/components/readiness-report";
import { RefreshWhile } from "@/components/use-refresh";
import type { Appraisal } from "@/lib/appraisals";
import { RefusalAlert } from "../../said-text";
import { OrderAppraisal } from "./order-appraisal";

interface Props {
  slug: string;
  versionId: string;
  appraisal: Appraisal | null;
  canOrder: boolean;
}

/** What the rows of a version are fit for, told when somebody asks. */
export async function Readiness({ slug, versionId, appraisal, canOrder }: Props) {
  const t = await getTranslations("readiness");
  const state = appraisal?.state;
  const canAsk = canOrder && (state === undefined || state === "failed");
  return (
    <Card
      title={t("title")}
      description={t("text")}
      actions={canAsk && <OrderAppraisal slug={slug} versionId={versionId} isAgain={state === "failed"} />}
    >
      <RefreshWhile isOpen={state === "running"} />
      {state === undefined && (
        <p className="text-ink-2 text-sm">{t(canOrder ? "orderText" : "notAllowed")}</p>
      )}
      {state === "running" && <Progress value={null} label={t("running")} />}
      {state === "failed" && appraisal && (
        <RefusalAlert title={t("failed")} code={appraisal.errorCode} message={appraisal.errorMessage} />
      )}
      {appraisal?.report && <ReadinessReport report={appraisal.report} />}
    </Card>
  );
}
