import { BAND_METRICS, type BandMetric, type Probe } from "../appraisal";
import { DRAW_SHARE, errorAt, fitPowerLaw, quantile } from "./power-law";

/**
 * The score that a training would likely be measured at, read from a probe: a forecast, not a promise. Arithmetic on
 * stored sums, so that a page may ask for any number of rows.
 */

/** Share of trainings whose score lies inside the band. */
export const BAND_COVERAGE = 0.8;
/**
 * The curve's own interval does not know that two draws of a sample differ in more than their noise: bands are wider by
 * this. From `bench/commerce/bands.ts`, which judges each set with the factor that the other sets ask for.
 */
export const WIDENED = 1;

export interface ScoreForecast {
  value: number;
  low: number;
  high: number;
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
  const [accuracy, macro_f1] = BAND_METRICS.map((metric) => forecast(probe, metric, rows, testRows, widened));
  if (!accuracy || !macro_f1) throw new Error("a band has two scores");
  return { accuracy, macro_f1, rows, testRows, coverage: BAND_COVERAGE };
}

function forecast(
  { scores, sizes, judged }: Probe,
  metric: BandMetric,
  rows: number,
  testRows: number,
  widened: number,
): ScoreForecast {
  const { values, covariance, noise } = scores[metric];
  const nodes = fitPowerLaw({ sizes, errors: values.map((value) => 1 - value), covariance, judged });
  const lastSize = sizes.at(-1) ?? 1;
  const expected = nodes.map((node) => {
    const error = Math.min(1, errorAt(node, rows / lastSize));
    const variance = error * (1 - error) * (noise / testRows + DRAW_SHARE / rows);
    return { weight: node.weight, mean: 1 - error, deviation: Math.sqrt(variance + 1e-8) };
  });
  const value = quantile(expected, 0.5);
  const [low, high] = [(1 - BAND_COVERAGE) / 2, (1 + BAND_COVERAGE) / 2].map(
    (share) => value + widened * (quantile(expected, share) - value),
  );
  return { value, low: Math.max(0, low ?? 0), high: Math.min(1, high ?? 1) };
}
