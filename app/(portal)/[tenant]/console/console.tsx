"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Textarea } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";
import type { LabelOutput } from "@/lib/ml/tasks/text-classification";

interface Answer {
  rows: string[];
  data: (LabelOutput & { index: number })[];
  milliseconds: number;
}
/** The most that one call takes; more rows are a file's work. */
const MAX_ROWS = 256;

export function Console({ slug, model, hasScope }: { slug: string; model: string; hasScope: boolean }) {
  const t = useTranslations("insight.console");
  const format = useFormatter();
  const errorText = useErrorText();
  const [text, setText] = useState("");
  const [answer, setAnswer] = useState<Answer | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);
  const typed = text
    .split("\n")
    .map((row) => row.trim())
    .filter(Boolean);
  const rows = typed.slice(0, MAX_ROWS);
  const send = async () => {
    if (rows.length === 0 || isBusy) return;
    setIsBusy(true);
    setError(null);
    const started = performance.now();
    try {
      const { data } = await call<{ data: Answer["data"] }>("/v1/predictions", {
        tenant: slug,
        body: { model, input: rows, top_k: 5, nearest: 3 },
      });
      setAnswer({ rows, data, milliseconds: performance.now() - started });
    } catch (caught) {
      setError(caught);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Card>
      <div className="grid gap-4 pt-1">
        <Field
          label={t("rows")}
          hint={t("rowsHint", { most: MAX_ROWS })}
          error={typed.length > MAX_ROWS ? t("tooMany", { count: typed.length, most: MAX_ROWS }) : undefined}
        >
          <Textarea
            rows={4}
            value={text}
            placeholder={t("placeholder")}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
            }}
          />
        </Field>
        <div className="flex flex-wrap items-center gap-3">
          <Button onClick={send} isLoading={isBusy} disabled={rows.length === 0}>
            {t("predict")}
          </Button>
          <span className="text-ink-3 text-xs">
            {t("free")} {!hasScope && t("noScope")}
          </span>
        </div>
        {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
        <div aria-live="polite">
          {answer && (
            <>
              <p className="text-ink-3 figures mb-2 text-xs">
                {t("latency", {
                  count: answer.data.length,
                  milliseconds: format.number(answer.milliseconds, { maximumFractionDigits: 0 }),
                })}
              </p>
              <ol className="grid gap-3">
                {answer.data.map((one) => (
                  <Result key={one.index} text={answer.rows[one.index] ?? ""} output={one} />
                ))}
              </ol>
            </>
          )}
        </div>
      </div>
    </Card>
  );
}

function Result({ text, output }: { text: string; output: LabelOutput }) {
  const t = useTranslations("insight.console");
  const format = useFormatter();
  const percent = (value: number) => format.number(value, { style: "percent", maximumFractionDigits: 1 });
  return (
    <li className="grid gap-4 rounded-lg border p-4 lg:grid-cols-2" data-testid="answer">
      <div className="min-w-0">
        <p className="text-ink-2 mb-2 text-sm break-words">{text}</p>
        <p className="mb-3 flex flex-wrap items-center gap-2">
          <span className="text-lg font-semibold break-words">{output.label}</span>
          {output.out_of_scope && <Badge tone="warn">{t("outOfScope")}</Badge>}
        </p>
        <ul className="grid gap-1.5" aria-label={t("probabilities")}>
          {output.labels.map((one) => (
            <li
              key={one.label}
              className="grid grid-cols-[minmax(0,9rem)_1fr_3.5rem] items-center gap-3 text-sm"
            >
              <span className="truncate" title={one.label}>
                {one.label}
              </span>
              <span aria-hidden className="bg-hover h-2 overflow-hidden rounded-full">
                <span className="bg-chart-1 block h-full" style={{ width: `${one.probability * 100}%` }} />
              </span>
              <span className="figures text-right">{percent(one.probability)}</span>
            </li>
          ))}
        </ul>
      </div>
      {output.nearest && output.nearest.length > 0 && (
        <div className="min-w-0">
          <p className="text-ink-3 mb-2 text-xs font-medium">{t("nearest")}</p>
          <ul className="grid gap-2">
            {output.nearest.map((row) => (
              <li key={row.line} className="bg-sunken rounded-md px-3 py-2 text-sm">
                <p className="break-words">{row.text}</p>
                <p className="text-ink-3 mt-1 flex flex-wrap gap-x-3 text-xs">
                  <span className="text-ink-2 font-medium">{row.label}</span>
                  <span className="figures">{t("similarity", { value: percent(row.similarity) })}</span>
                  <span>{t("line", { line: row.line })}</span>
                </p>
              </li>
            ))}
          </ul>
        </div>
      )}
    </li>
  );
}
