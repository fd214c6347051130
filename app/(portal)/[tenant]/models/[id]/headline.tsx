"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Card } from "@/components/card";
import type { Evaluation } from "@/lib/ml/contract";

interface Props {
  selective: Evaluation["selective"];
  accuracy: number;
}
const STEPS = [0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3];
const USUAL_STEP = 3;

/** The largest share of measured rows that may be answered alone when at most `accepted` of them may be wrong. */
function bestFor(selective: Props["selective"], accepted: number) {
  return selective
    .filter((point) => point.errorUpper <= accepted)
    .reduce<Evaluation["selective"][number] | null>(
      (most, point) => (most === null || point.coverage > most.coverage ? point : most),
      null,
    );
}

/** Five in a hundred where the model can promise it, else the least that it can promise. */
function firstStep(selective: Props["selective"]): number {
  const found = STEPS.findIndex((step, i) => i >= USUAL_STEP && bestFor(selective, step) !== null);
  return found === -1 ? USUAL_STEP : found;
}

/**
 * "Answers N % alone with at most x % wrong, the rest go to a person": the largest share of measured rows whose
 * upper bound of the error is not above what the reader accepts.
 */
export function Headline({ selective, accuracy }: Props) {
  const t = useTranslations("insight.headline");
  const format = useFormatter();
  const [step, setStep] = useState(() => firstStep(selective));
  const accepted = STEPS[step] ?? STEPS[USUAL_STEP] ?? 0;
  const best = bestFor(selective, accepted);
  const percent = (value: number, digits = 0) =>
    format.number(value, { style: "percent", maximumFractionDigits: digits });
  return (
    <Card>
      <p className="pt-1 text-xl font-semibold text-balance" aria-live="polite">
        {best
          ? t.rich("answers", {
              coverage: percent(best.coverage),
              error: percent(accepted),
              b: (chunks) => <span className="text-accent">{chunks}</span>,
            })
          : t("none", { error: percent(accepted) })}
      </p>
      <div className="mt-4 flex h-3 overflow-hidden rounded-full" aria-hidden>
        <div className="bg-chart-1" style={{ width: `${(best?.coverage ?? 0) * 100}%` }} />
        <div className="bg-chart-2/50 flex-1" />
      </div>
      <div className="text-ink-3 mt-1.5 flex justify-between text-xs">
        <span>{t("alone")}</span>
        <span>{t("person")}</span>
      </div>
      <label className="mt-4 grid gap-2 text-sm sm:grid-cols-[auto_1fr_3rem] sm:items-center sm:gap-4">
        <span>{t("slider")}</span>
        <input
          type="range"
          min={0}
          max={STEPS.length - 1}
          value={step}
          onChange={(event) => setStep(Number(event.currentTarget.value))}
          aria-valuetext={percent(accepted)}
          className="accent-accent w-full"
        />
        <span className="figures font-medium sm:text-right">{percent(accepted)}</span>
      </label>
      <p className="text-ink-3 mt-2 text-xs">
        {best
          ? t("details", {
              threshold: format.number(best.threshold, { maximumFractionDigits: 3 }),
              error: percent(best.error, 1),
              upper: percent(best.errorUpper, 1),
            })
          : t("noneDetails", { accuracy: percent(accuracy, 1) })}
      </p>
    </Card>
  );
}
