import { getFormatter, getTranslations } from "next-intl/server";
import { Badge } from "@/components/badge";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { Time } from "@/components/time";
import { feedbackCounts, listFeedback } from "@/lib/feedback";

const MOST_SHOWN = 200;

/** What people said of a model's answers in use; nothing until somebody has. Rows only for who may read rows. */
export async function SaidOfAnswers({
  tenantId,
  model,
  mayReadRows,
}: {
  tenantId: string;
  model: string;
  mayReadRows: boolean;
}) {
  const [{ marked, right }, shown, t, format] = await Promise.all([
    feedbackCounts(tenantId, model),
    mayReadRows ? listFeedback(tenantId, { model, limit: MOST_SHOWN }) : null,
    getTranslations("serving.feedback"),
    getFormatter(),
  ]);
  if (marked === 0) return null;
  const said = shown?.data ?? [];
  const share = format.number(right / marked, { style: "percent", maximumFractionDigits: 1 });
  return (
    <Card title={t("title")} description={t("text", { marked, share })} isFlush={said.length > 0}>
      {said.length > 0 && (
        <DataTable
          rows={said.map((one) => {
            const text = typeof one.input === "string" ? one.input : JSON.stringify(one.input ?? "–");
            return {
              id: `${one.predictionId}:${one.index}`,
              row: { value: text, node: <span className="line-clamp-3 break-words">{text}</span> },
              verdict: {
                value: one.isCorrect ? 1 : 0,
                node: (
                  <Badge tone={one.isCorrect ? "good" : "bad"}>{t(one.isCorrect ? "right" : "wrong")}</Badge>
                ),
              },
              label: one.label ?? "–",
              at: { value: one.createdAt.getTime(), node: <Time at={one.createdAt} /> },
            };
          })}
          rowKey="id"
          pageSize={10}
          search={said.length > 10}
          label={t("title")}
          columns={[
            { key: "row", header: t("row"), sortable: true },
            { key: "verdict", header: t("verdict"), sortable: true },
            { key: "label", header: t("label"), sortable: true },
            { key: "at", header: t("when"), align: "right", sortable: true },
          ]}
        />
      )}
    </Card>
  );
}
