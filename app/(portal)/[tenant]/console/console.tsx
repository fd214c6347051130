"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { Field, Textarea } from "@/components/field";
import { useErrorText } from "@/components/use-error-text";
import type { Task } from "@/lib/ml/task";
import { Answer } from "./answer";

interface Props {
  slug: string;
  model: string;
  /** Names of what the model's task reads. */
  roles: readonly string[];
  view: Task["view"];
  isSilentOnScope: boolean;
}

type Row = string | Record<string, string>;
interface Answers {
  rows: Row[];
  data: { index: number }[];
  milliseconds: number;
}
/** The most that one call takes; more rows are a file's work. */
const MAX_ROWS = 256;

/** A line as a row; several texts of one row stand between bars. Null while some of them is missing. */
function toRow(line: string, roles: readonly string[]): Row | null {
  if (roles.length === 1) return line;
  const parts = line.split("|").map((part) => part.trim());
  if (parts.length !== roles.length || parts.some((part) => part === "")) return null;
  return Object.fromEntries(roles.map((role, i) => [role, parts[i] ?? ""]));
}

export function Console({ slug, model, roles, view, isSilentOnScope }: Props) {
  const t = useTranslations("insight.console");
  const format = useFormatter();
  const errorText = useErrorText();
  const [text, setText] = useState("");
  const [answer, setAnswer] = useState<Answers | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);
  const typed = text
    .split("\n")
    .map((row) => row.trim())
    .filter(Boolean);
  const read = typed.slice(0, MAX_ROWS).map((line) => toRow(line, roles));
  const rows = read.filter((row) => row !== null);
  const halves = read.length - rows.length;
  const send = async () => {
    if (rows.length === 0 || halves > 0 || isBusy) return;
    setIsBusy(true);
    setError(null);
    const started = performance.now();
    try {
      const { data } = await call<{ data: Answers["data"] }>("/v1/predictions", {
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
          hint={
            roles.length > 1
              ? t("pairsHint", { count: roles.length, most: MAX_ROWS })
              : t("rowsHint", { most: MAX_ROWS })
          }
          error={
            typed.length > MAX_ROWS
              ? t("tooMany", { count: typed.length, most: MAX_ROWS })
              : halves > 0
                ? t("halves", { count: halves })
                : undefined
          }
        >
          <Textarea
            rows={4}
            value={text}
            placeholder={t(roles.length > 1 ? "pairsPlaceholder" : "placeholder")}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
            }}
          />
        </Field>
        <div className="flex flex-wrap items-center gap-3">
          <Button onClick={send} isLoading={isBusy} disabled={rows.length === 0 || halves > 0}>
            {t("predict")}
          </Button>
          <span className="text-ink-3 text-xs">
            {t("free")} {isSilentOnScope && t("noScope")}
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
                  <Answer key={one.index} view={view} row={answer.rows[one.index] ?? ""} output={one} />
                ))}
              </ol>
            </>
          )}
        </div>
      </div>
    </Card>
  );
}
