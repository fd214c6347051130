import type { AppraisalReport, BandMetric } from "./ml/appraisal";
import { normalBelow } from "./ml/report/curve";
import { type BandQuestion, scoreBand as bandOfProbe, type ScoreBand } from "./ml/report/score-band";
import { wilson, Z95 } from "./ml/report/wilson";
import type { Acceptance } from "./scope";

/** What an appraisal lets one say before a training: forecasts, promised by nobody. */

/** Null where there is nothing to forecast from; the report's `noProbe` says why. */
export const scoreBand = (report: Pick<AppraisalReport, "probe">, question: BandQuestion): ScoreBand | null =>
  report.probe && bandOfProbe(report.probe, question);

export interface Chance {
  /** 0..1: that a training of the forecast size passes at the first measuring. */
  chance: number;
  /** The measured score that the rule asks for on so many rows; null where none is enough. */
  needed: number | null;
  /**
   * `never`: on so few rows not even all of them right would pass. `undecided`: the measuring's own interval is wider than
   * the distance between forecast and threshold, so luck decides.
   */
  warning: "never" | "undecided" | null;
  /** Rows to measure on from which on the measuring would decide; null where no number of rows that one has would. */
  leastRows: number | null;
}

type Rule = Pick<Acceptance, "metric" | "threshold" | "rule" | "minRows">;
const BISECTIONS = 40;
const MOST_TEST_ROWS = 100_000;

const isBandMetric = (metric: Acceptance["metric"]): metric is BandMetric =>
  metric === "accuracy" || metric === "macro_f1";

/** Null for a metric that no band is of. `minRows` is what will be measured on. */
export function chanceOfPassing(band: ScoreBand, { metric, threshold, rule, minRows }: Rule): Chance | null {
  if (!isBandMetric(metric)) return null;
  const { value, spread, noise } = band[metric];
  // Rows of which a share would be as uncertain as this score is.
  const worth = minRows / noise;
  const needed = rule === "point" ? threshold : scoreFor(threshold, worth);
  const deviation = Math.sqrt(spread ** 2 + (value * (1 - value)) / worth + 1e-9);
  const chance = needed === null ? 0 : 1 - normalBelow((needed - value) / deviation);
  const margin = Math.abs(value - threshold);
  const decides = (Z95 ** 2 * value * (1 - value) * noise) / Math.max(1e-9, margin ** 2);
  const leastRows =
    decides > MOST_TEST_ROWS ? null : Math.max(leastFor(threshold, rule, noise), Math.ceil(decides));
  return {
    chance,
    needed,
    warning: needed === null ? "never" : minRows < decides ? "undecided" : null,
    leastRows,
  };
}

/** The lowest measured score whose interval lies above the threshold. */
function scoreFor(threshold: number, rows: number): number | null {
  if (wilson(rows, rows).low < threshold) return null;
  let [low, high] = [threshold, 1];
  for (let i = 0; i < BISECTIONS; i++) {
    const middle = (low + high) / 2;
    if (wilson(middle * rows, rows).low < threshold) low = middle;
    else high = middle;
  }
  return high;
}

/** Rows on which all right would pass: Wilson's lower end of n of n is n / (n + z²). */
function leastFor(threshold: number, rule: Acceptance["rule"], noise: number): number {
  if (rule === "point" || threshold >= 1) return 1;
  return Math.ceil((noise * Z95 ** 2 * threshold) / (1 - threshold));
}
