"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { Card } from "@/components/card";
import { useErrorText } from "@/components/use-error-text";
import type { TableColumn } from "@/lib/ml/contract";
import type { Task } from "@/lib/ml/task";
import { Answer } from "./answer";
import { type Row, RowFields } from "./row-fields";
import { TableFields } from "./table-fields";

interface Props {
  slug: string;
  model: string;
  /** Names of what the model's task reads. */
  roles: readonly string[];
  /** Of a model of tables, in the place of roles. */
  columns: readonly TableColumn[] | undefined;
  view: Task["view"];
  /** Whether it reads a base, through which gradients go. */
  hasBase: boolean;
  isSilentOnScope: boolean;
}

interface Answers {
  rows: Row[];
  data: { index: number }[];
  milliseconds: number;
  /** Tells one answer from the next, whose rows may be the same. */
  at: number;
}

export function Console({ slug, model, roles, columns, view, hasBase, isSilentOnScope }: Props) {
  const t = useTranslations("insight.console");
  const format = useFormatter();
  const errorText = useErrorText();
  const [rows, setRows] = useState<Row[]>([]);
  const [answer, setAnswer] = useState<Answers | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);
  const send = async () => {
    if (rows.length === 0 || isBusy) return;
    setIsBusy(true);
    setError(null);
    const started = performance.now();
    try {
      const { data } = await call<{ data: Answers["data"] }>("/v1/predictions", {
        tenant: slug,
        body: { model, input: rows, top_k: 5, nearest: 3 },
      });
      setAnswer({ rows, data, milliseconds: performance.now() - started, at: started });
    } catch (caught) {
      setError(caught);
    } finally {
      setIsBusy(false);
    }
  };
  return (
    <Card>
      <div className="grid gap-4 pt-1">
        {/* biome-ignore lint/a11y/noStaticElementInteractions: the button below does the same */}
        <div
          onKeyDown={(event) => {
            if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void send();
          }}
        >
          {columns ? (
            <TableFields columns={columns} onRows={setRows} />
          ) : (
            <RowFields roles={roles} onRows={setRows} />
          )}
        </div>
        <div className="flex flex-wrap items-center gap-3">
          <Button onClick={send} isLoading={isBusy} disabled={rows.length === 0}>
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
              <ol className="grid gap-3" key={answer.at}>
                {answer.data.map((one) => (
                  <Answer
                    key={one.index}
                    slug={slug}
                    model={model}
                    view={view}
                    isTable={columns !== undefined}
                    hasBase={hasBase}
                    row={answer.rows[one.index] ?? ""}
                    output={one}
                  />
                ))}
              </ol>
            </>
          )}
        </div>
      </div>
    </Card>
  );
}
