"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Alert } from "@/components/alert";
import { Badge } from "@/components/badge";
import { Button } from "@/components/button";
import { call } from "@/components/call";
import { useErrorText } from "@/components/use-error-text";
import type { Explanation } from "@/lib/ml/contract";
import type { LabelOutput } from "@/lib/ml/tasks/text-classification";
import { ExplanationView } from "./explanation";

interface Props {
  slug: string;
  model: string;
  /** Whether it reads a base, through which gradients go. */
  hasBase: boolean;
  text: string;
  output: LabelOutput;
}

/** One answer; why it is so is asked when a person wants to know. */
export function Result({ slug, model, hasBase, text, output }: Props) {
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
        <Why slug={slug} model={model} hasBase={hasBase} text={text} />
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

function Why({ slug, model, hasBase, text }: Omit<Props, "output">) {
  const t = useTranslations("insight.explanation");
  const errorText = useErrorText();
  const [explanation, setExplanation] = useState<Explanation | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [isBusy, setIsBusy] = useState(false);
  const ask = async (method: Explanation["method"]) => {
    setIsBusy(true);
    setError(null);
    try {
      const { data } = await call<{ data: { explanation: Explanation }[] }>("/v1/predictions", {
        tenant: slug,
        body: { model, input: text, top_k: 5, explain: method },
      });
      setExplanation(data[0]?.explanation ?? null);
    } catch (caught) {
      setError(caught);
    } finally {
      setIsBusy(false);
    }
  };
  const other = explanation?.method === "occlusion" ? "integrated_gradients" : "occlusion";
  return (
    <div className="mt-3" aria-live="polite">
      {explanation && <ExplanationView key={explanation.method} text={text} explanation={explanation} />}
      {explanation === null ? (
        <Button variant="secondary" size="sm" onClick={() => ask("occlusion")} isLoading={isBusy}>
          {t("ask")}
        </Button>
      ) : (
        hasBase && (
          <Button variant="ghost" size="sm" onClick={() => ask(other)} isLoading={isBusy} className="mt-2">
            {t(other === "occlusion" ? "occlusion" : "gradients")}
          </Button>
        )
      )}
      {error !== null && <Alert tone="bad">{errorText(error)}</Alert>}
    </div>
  );
}
