import type { BandMetric, Probe } from "../appraisal";
import { type Curve, DRAW_SHARE, fitCurve, oddsLaw, powerLaw, quantile } from "./curve";

/**
 * The score that a training would likely be measured at, read from a probe: a forecast, not a promise. Arithmetic on
 * stored sums, so that a page may ask for any number of rows.
 */

/** Share of trainings whose score lies inside the band, and how many standard deviations of a normal law that is. */
export const BAND_COVERAGE = 0.8;
const BAND_Z = 1.281552;
/** Which curve a score follows. */
const CURVES: Record<BandMetric, Curve> = { accuracy: powerLaw, macro_f1: oddsLaw };
/**
 * The curve's own interval times this is the band. Four of five trainings of `bench/commerce/bands.ts` asked for no more,
 * on draws of the rows that its judgement does not use.
 */
export const WIDENED: Readonly<Record<BandMetric, number>> = { accuracy: 0.84, macro_f1: 0.92 };

export interface ScoreForecast {
  value: number;
  low: number;
  high: number;
  /** Standard deviation of what the model itself will be, before any luck of the rows that it is measured on. */
  spread: number;
  /** Variance of the measured score times measured rows, over that of a share. */
  noise: number;
}
export type ScoreBand = Record<BandMetric, ScoreForecast> & {
  /** Rows to train on, and to measure on. */
  rows: number;
  testRows: number;
  coverage: number;
};

export interface BandQuestion {
  rows: number;
  /** Rows that the score would be measured on: their luck is in the band. As many as were probed unless given. */
  testRows?: number | undefined;
}

/** @param widened for the bench, which seeks it. */
export function scoreBand(
  probe: Probe,
  { rows, testRows = probe.judged }: BandQuestion,
  widened = WIDENED,
): ScoreBand {
  const of = (metric: BandMetric) => forecast(probe, metric, rows, testRows, widened[metric]);
  return { accuracy: of("accuracy"), macro_f1: of("macro_f1"), rows, testRows, coverage: BAND_COVERAGE };
}

function forecast(
  probe: Probe,
  metric: BandMetric,
  rows: number,
  testRows: number,
  widened: number,
): ScoreForecast {
  const { noise } = probe.scores[metric];
  const expected = expectedScores(probe, metric, rows);
  const half = (luck: number) => {
    const parts = expected.map(({ mean, weight }) => {
      const variance = mean * (1 - mean) * (luck + DRAW_SHARE / rows);
      return { mean, weight, deviation: Math.sqrt(variance + 1e-8) };
    });
    const [value, low, high] = [0.5, (1 - BAND_COVERAGE) / 2, (1 + BAND_COVERAGE) / 2].map((share) =>
      quantile(parts, share),
    ) as [number, number, number];
    return { value, low: widened * (low - value), high: widened * (high - value) };
  };
  const [model, measured] = [half(0), half(noise / testRows)];
  return {
    value: measured.value,
    low: Math.max(0, measured.value + measured.low),
    high: Math.min(1, measured.value + measured.high),
    spread: (model.high - model.low) / (2 * BAND_Z),
    noise,
  };
}

/** Of a score: curves that differ by less are one, which spares most of the work. */
const STEP = 1 / 4000;

/** Scores that the curve may lead to at so many rows, each with its weight. */
function expectedScores({ scores, sizes, judged }: Probe, metric: BandMetric, rows: number) {
  const { values, covariance } = scores[metric];
  const nodes = fitCurve(
    { sizes, errors: values.map((value) => 1 - value), covariance, judged },
    CURVES[metric],
  );
  const lastSize = sizes.at(-1) ?? 1;
  const weights = new Map<number, number>();
  for (const node of nodes) {
    const at = Math.round((1 - Math.min(1, CURVES[metric](node, rows / lastSize))) / STEP);
    weights.set(at, (weights.get(at) ?? 0) + node.weight);
  }
  return [...weights].map(([at, weight]) => ({ mean: at * STEP, weight }));
}
