"use client";
import clsx from "clsx";
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
import { Verdict } from "./verdict";

interface Props {
  slug: string;
  /** One, or two side by side. */
  models: readonly Tried[];
  /** Names of what the model's task reads. */
  roles: readonly string[];
  /** Of a model of tables, in the place of roles. */
  columns: readonly TableColumn[] | undefined;
  view: Task["view"];
  isSilentOnScope: boolean;
  mayJudge: boolean;
}

interface Tried {
  name: string;
  /** Whether it reads a base, through which gradients go. */
  hasBase: boolean;
  /** Whether the name is a deployment's, which has examples. */
  isDeployment: boolean;
}

interface Prediction {
  id: string;
  /** The version that answered. */
  model: string;
  data: { index: number }[];
}

interface Answers {
  rows: Row[];
  predictions: { of: Tried; prediction: Prediction }[];
  milliseconds: number;
  /** Tells one answer from the next, whose rows may be the same. */
  at: number;
}

export function Console({ slug, models, roles, columns, view, isSilentOnScope, mayJudge }: Props) {
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
      const predictions = await Promise.all(
        models.map(async (of) => {
          const body = { model: of.name, input: rows, top_k: 5, nearest: models.length > 1 ? 0 : 3 };
          return { of, prediction: await call<Prediction>("/v1/predictions", { tenant: slug, body }) };
        }),
      );
      setAnswer({ rows, predictions, milliseconds: performance.now() - started, at: started });
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
                  count: answer.rows.length,
                  milliseconds: format.number(answer.milliseconds, { maximumFractionDigits: 0 }),
                })}
              </p>
              <div
                className={clsx("grid gap-4", answer.predictions.length > 1 && "lg:grid-cols-2")}
                key={answer.at}
              >
                {answer.predictions.map(({ of, prediction }) => (
                  <section key={of.name} className="min-w-0" aria-label={of.name}>
                    {answer.predictions.length > 1 && (
                      <h3 className="mb-2 font-mono text-xs break-all">{of.name}</h3>
                    )}
                    <ol className="grid gap-3">
                      {prediction.data.map((one) => (
                        <Answer
                          key={one.index}
                          slug={slug}
                          model={prediction.model}
                          view={view}
                          isTable={columns !== undefined}
                          isNarrow={answer.predictions.length > 1}
                          hasBase={of.hasBase}
                          row={answer.rows[one.index] ?? ""}
                          output={one}
                        >
                          {mayJudge && (
                            <Verdict
                              slug={slug}
                              predictionId={prediction.id}
                              deployment={of.isDeployment ? of.name : undefined}
                              row={answer.rows[one.index] ?? ""}
                              view={view}
                              output={one}
                            />
                          )}
                        </Answer>
                      ))}
                    </ol>
                  </section>
                ))}
              </div>
            </>
          )}
        </div>
      </div>
    </Card>
  );
}
