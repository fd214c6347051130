"use client";
import { useRouter } from "next/navigation";
import { useTranslations } from "next-intl";
import { useState } from "react";
import { toast } from "sonner";
import { Alert } from "@/components/alert";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { Select } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";

interface Props {
  slug: string;
  runId: string;
  back: string;
  rows: readonly { line: number; text: string; label: string; answer: string }[];
  labels: readonly string[];
  mayContest: boolean;
}

export function ContestForm({ slug, runId, back, rows, labels, mayContest }: Props) {
  const t = useTranslations("projects.runs");
  const router = useRouter();
  const errorText = useErrorText();
  const [said, setSaid] = useState<Record<number, string>>({});
  const [isBusy, setIsBusy] = useState(false);
  const [error, setError] = useState<unknown>(null);
  const contested = rows.flatMap(({ line, label }) => {
    const mine = said[line];
    return mine !== undefined && mine !== label ? [{ line, label: mine }] : [];
  });
  const send = async () => {
    setIsBusy(true);
    setError(null);
    try {
      await call(`/api/acceptance-runs/${runId}/contests`, { tenant: slug, body: { contested } });
      toast.success(t("contested"));
      router.push(back);
      router.refresh();
    } catch (caught) {
      setError(caught);
      setIsBusy(false);
    }
  };
  return (
    <Card
      title={t("answers")}
      description={mayContest ? t("contestText") : undefined}
      actions={
        mayContest && (
          <Button isLoading={isBusy} disabled={contested.length === 0} onClick={send}>
            {t("contest", { count: contested.length })}
          </Button>
        )
      }
      isFlush
    >
      {error !== null && (
        <div className="p-4">
          <Alert tone="bad">{errorText(error)}</Alert>
        </div>
      )}
      <DataTable
        rowKey="line"
        label={t("answers")}
        search
        rows={rows}
        columns={[
          { key: "line", header: t("line"), align: "right" },
          { key: "text", header: t("input") },
          {
            key: "label",
            header: t("label"),
            cell: ({ line, label }) =>
              mayContest ? (
                <Select
                  aria-label={t("labelOf", { line })}
                  value={said[line] ?? label}
                  onChange={({ target }) => setSaid({ ...said, [line]: target.value })}
                >
                  {labels.map((one) => (
                    <option key={one}>{one}</option>
                  ))}
                </Select>
              ) : (
                label
              ),
          },
          {
            key: "answer",
            header: t("answer"),
            sortable: true,
            cell: ({ line, label, answer }) => (
              <span className="inline-flex flex-wrap items-center gap-1.5">
                {answer}
                <Badge tone={answer === (said[line] ?? label) ? "good" : "bad"}>
                  {t(answer === (said[line] ?? label) ? "right" : "wrong")}
                </Badge>
              </span>
            ),
          },
        ]}
      />
    </Card>
  );
}
