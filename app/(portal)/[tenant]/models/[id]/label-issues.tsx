"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useMemo, useState } from "react";
import { toast } from "sonner";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { DataTable } from "@/components/data-table";
import { Select } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";
import type { Correction, ModelReport } from "@/lib/ml/contract";
import { LabelDecision } from "./label-decision";
import { RowText } from "./row-text";
import { TrainAgain } from "./train-again";

interface Props {
  slug: string;
  modelId: string;
  issues: NonNullable<ModelReport["labelIssues"]>;
  labels: readonly string[];
  /** What was decided since the training. */
  decisions: readonly Correction[];
  /** Lines that were decided on before it. */
  settled: readonly number[];
  mayCorrect: boolean;
  mayTrain: boolean;
}

/** Rows whose label is likely wrong, to be looked at and decided on by somebody who knows what is right. */
export function LabelIssues(props: Props) {
  const { slug, modelId, issues, labels, mayCorrect, mayTrain } = props;
  const t = useTranslations("insight.labelIssues");
  const format = useFormatter();
  const errorText = useErrorText();
  const [wanted, setWanted] = useState("");
  const [decided, setDecided] = useState(
    () => new Map(props.decisions.map(({ line, label }) => [line, label] as const)),
  );
  const settled = useMemo(() => new Set(props.settled), [props.settled]);
  const open = useMemo(() => issues.rows.filter((row) => !settled.has(row.line)), [issues, settled]);
  const classes = useMemo(
    () => [...new Set(open.flatMap((row) => [row.given, row.suggested]))].sort(),
    [open],
  );
  const hidden = issues.rows.length - open.length;
  const corrected = open.filter((row) => (decided.get(row.line) ?? row.given) !== row.given).length;
  const decide = async (line: number, label: string | null) => {
    try {
      await call(`/api/models/${modelId}/corrections`, { tenant: slug, body: { line, label } });
      setDecided((before) => {
        const after = new Map(before);
        if (label === null) after.delete(line);
        else after.set(line, label);
        return after;
      });
    } catch (error) {
      toast.error(errorText(error));
    }
  };
  const rows = open
    .filter((row) => wanted === "" || row.given === wanted || row.suggested === wanted)
    .map((row, at) => ({ ...row, id: `${row.line} ${at}` }));
  return (
    <Card
      title={t("title")}
      description={[
        t(issues.rows.length < issues.count ? "textFirst" : "text", {
          count: issues.count - hidden,
          shown: open.length,
        }),
        t("scoreText"),
        hidden > 0 && t("settled", { count: hidden }),
        mayCorrect && t("correctText"),
      ]
        .filter(Boolean)
        .join(" ")}
      actions={mayTrain && corrected > 0 && <TrainAgain slug={slug} modelId={modelId} count={corrected} />}
      isFlush
    >
      <DataTable
        rows={rows}
        rowKey="id"
        label={t("title")}
        search
        pageSize={10}
        empty={<p className="text-ink-3 px-5 py-8 text-center text-sm">{t("none")}</p>}
        toolbar={
          <Select
            aria-label={t("class")}
            value={wanted}
            onChange={(event) => setWanted(event.currentTarget.value)}
            className="[--control:2rem] sm:max-w-56"
          >
            <option value="">{t("everyClass")}</option>
            {classes.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </Select>
        }
        columns={[
          { key: "line", header: t("line"), align: "right", sortable: true },
          {
            key: "text",
            header: t("rowText"),
            cell: (row) => <RowText text={row.text} />,
          },
          { key: "given", header: t("given"), sortable: true },
          {
            key: "suggested",
            header: t("suggested"),
            sortable: true,
            cell: (row) => <span className="font-medium">{row.suggested}</span>,
          },
          {
            key: "score",
            header: t("score"),
            align: "right",
            sortable: true,
            // Rounded down: no model is wholly sure that a person was wrong.
            cell: (row) => format.number(Math.floor(row.score * 1000) / 1000, { minimumFractionDigits: 3 }),
          },
          ...(mayCorrect
            ? [
                {
                  key: "decision",
                  header: t("decision"),
                  align: "right" as const,
                  cell: (row: (typeof rows)[number]) => (
                    <LabelDecision
                      {...row}
                      labels={labels}
                      label={decided.get(row.line)}
                      onDecide={(label) => decide(row.line, label)}
                    />
                  ),
                },
              ]
            : []),
        ]}
      />
    </Card>
  );
}
