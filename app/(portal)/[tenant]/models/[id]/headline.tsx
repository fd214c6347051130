"use client";
import { useFormatter, useTranslations } from "next-intl";
import { useState } from "react";
import { Card } from "@/components/card";
import { ACCEPTED_ERRORS, type ModelReport } from "@/lib/ml/contract";
import type { Estimate, LabelsEvaluation } from "@/lib/ml/evaluation";
import { HoursSaved } from "./hours-saved";

interface Props {
  selective: LabelsEvaluation["selective"];
  abstention: ModelReport["abstention"];
  accuracy: number;
  /** Of rows like these, what the model calls out of scope; absent where it does not judge that. */
  foreign: Estimate | undefined;
}
const USUAL_STEP = 3;

interface Promised {
  threshold: number;
  coverage: Estimate;
  error: number;
  errorUpper: number;
}

/** The largest share of rows that may be answered alone when at most `accepted` of the answers may be wrong. */
function bestFor({ selective, abstention }: Props, accepted: number): Promised | null {
  if (abstention) return abstention.find((one) => one.accepted === accepted) ?? null;
  const kept = selective.filter((point) => point.errorUpper <= accepted);
  const most = kept.reduce((best, point) => (point.coverage > (best?.coverage ?? 0) ? point : best), kept[0]);
  if (!most) return null;
  return { ...most, coverage: { value: most.coverage, low: most.coverage, high: most.coverage } };
}

/** Five in a hundred where the model can promise it, else the least that it can promise. */
function firstStep(props: Props): number {
  const found = ACCEPTED_ERRORS.findIndex((step, i) => i >= USUAL_STEP && bestFor(props, step) !== null);
  return found === -1 ? USUAL_STEP : found;
}

/**
 * "Answers N % alone with at most x % wrong, the rest go to a person": the largest share of measured rows whose
 * upper bound of the error is not above what the reader accepts.
 */
export function Headline(props: Props) {
  const t = useTranslations("insight.headline");
  const format = useFormatter();
  const [step, setStep] = useState(() => firstStep(props));
  const accepted = ACCEPTED_ERRORS[step] ?? ACCEPTED_ERRORS[USUAL_STEP];
  const best = bestFor(props, accepted);
  const { foreign } = props;
  const percent = (value: number, digits = 0) =>
    format.number(value, { style: "percent", maximumFractionDigits: digits });
  return (
    <Card>
      <p className="pt-1 text-xl font-semibold text-balance" aria-live="polite">
        {best
          ? t.rich("answers", {
              coverage: percent(best.coverage.value),
              error: percent(accepted),
              b: (chunks) => <span className="text-accent">{chunks}</span>,
            })
          : t("none", { error: percent(accepted) })}
      </p>
      <div className="mt-4 flex h-3 overflow-hidden rounded-full" aria-hidden>
        <div className="bg-chart-1" style={{ width: `${(best?.coverage.value ?? 0) * 100}%` }} />
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
          max={ACCEPTED_ERRORS.length - 1}
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
          : t("noneDetails", { accuracy: percent(props.accuracy, 1) })}
        {best && props.abstention && (
          <> {t("share", { low: percent(best.coverage.low, 1), high: percent(best.coverage.high, 1) })}</>
        )}
        {best && foreign && (
          <>
            {" "}
            {t("foreign", {
              share: percent(foreign.value, 1),
              low: percent(foreign.low, 1),
              high: percent(foreign.high, 1),
            })}
          </>
        )}
      </p>
      {best && props.abstention && <HoursSaved coverage={best.coverage} />}
    </Card>
  );
}
