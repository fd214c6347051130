import { scoreBand } from "./forecasts";
import type { AppraisalReport, BandMetric } from "./ml/appraisal";
import { decimalOf, price, times, toMinor } from "./money";
import type { Rate } from "./rate-card";
import type { Acceptance } from "./scope";
import { type TrainingForecast, trainingForecast } from "./training-forecast";

/**
 * Lines of a quote that follow from a sample: rows that are missing and have to be labelled, and the trainings. Each says
 * what it was computed from; whoever drafts the quote takes it, changes it or leaves it. Pure, so that the page computes anew
 * with every milestone that is written.
 */

/** A price of the card, and since when it holds. */
export type CardPrice = Pick<Rate, "unitDecimal" | "validFrom">;

/** What a sample and the rate card say, read once. */
export interface ProposalBasis {
  sample: { id: string; name: string; rows: number };
  /** Rows that classes lack, by the sample's readiness. */
  lacking: number;
  curve: ScorePoint[];
  training: AppraisalReport["training"];
  rates: { compute: CardPrice | null; labelling: CardPrice | null };
}
/** The score that is forecast for so many rows. */
export type ScorePoint = { rows: number } & Record<BandMetric, number>;

/** Of the sample's rows: how far its curve is read, and how finely. */
const MULTIPLES = [1, 1.5, 2, 3, 4, 6, 8, 12, 16];

export function basisOf(
  sample: ProposalBasis["sample"],
  report: AppraisalReport,
  rates: ProposalBasis["rates"],
): ProposalBasis {
  const rare = report.findings.find(({ code }) => code === "class_rare");
  const curve = MULTIPLES.flatMap((times) => {
    const rows = Math.round(sample.rows * times);
    const band = scoreBand(report, { rows });
    return band ? [{ rows, accuracy: band.accuracy.value, macro_f1: band.macro_f1.value }] : [];
  });
  return { sample, lacking: Number(rare?.values.missing ?? 0), curve, training: report.training, rates };
}

/** What a milestone asks of the model, as far as a curve can say. */
type Aim = Pick<Acceptance, "metric" | "threshold" | "maxRuns">;

export interface LabellingProposal {
  of: "labelling";
  /** Rows to label: as many as the curve or the classes lack. */
  rows: number;
  /** That the highest aim needs in all; null where no score is agreed that has a curve. */
  needed: { metric: BandMetric; threshold: number; rows: number } | null;
  /** An aim that the curve does not reach, within so many rows. */
  beyond: { metric: BandMetric; threshold: number; rows: number } | null;
  lacking: number;
  rate: CardPrice;
}

/** Null where nothing is missing, or nobody set a price. */
export function labellingProposal(basis: ProposalBasis, aims: readonly Aim[]): LabellingProposal | null {
  const { curve, lacking, sample } = basis;
  const rate = basis.rates.labelling;
  const last = curve.at(-1);
  if (!rate) return null;
  let [needed, beyond]: [LabellingProposal["needed"], LabellingProposal["beyond"]] = [null, null];
  for (const { metric, threshold } of aims) {
    if (!last || (metric !== "accuracy" && metric !== "macro_f1")) continue;
    const rows = rowsToReach(curve, metric, threshold);
    if (rows === null) beyond = { metric, threshold, rows: last.rows };
    else if (rows > (needed?.rows ?? 0)) needed = { metric, threshold, rows };
  }
  const rows = Math.max(lacking, (needed?.rows ?? 0) - sample.rows);
  return rows > 0 || beyond ? { of: "labelling", rows, needed, beyond, lacking, rate } : null;
}

/** The fewest rows whose forecast reaches a score, between points of the curve by the logarithm of rows; null beyond its end. */
export function rowsToReach(curve: readonly ScorePoint[], metric: BandMetric, score: number): number | null {
  const at = curve.findIndex((point) => point[metric] >= score);
  const [above, below] = [curve[at], curve[at - 1]];
  if (!above) return null;
  if (!below) return above.rows;
  const way = (score - below[metric]) / (above[metric] - below[metric]);
  return Math.ceil(below.rows * (above.rows / below.rows) ** way);
}

export interface TrainingProposal extends TrainingForecast {
  of: "training";
  runs: number;
  /** That it trains on: of the sample, and those that are labelled for it. */
  rows: number;
  /** What one run costs, by the time that nine of ten take and by the one that half of them take. */
  unit: string;
  p50Unit: string;
  rate: CardPrice;
}

/** As many runs as a milestone allows. Null where the time of a training is not known, or nobody set a price. */
export function trainingProposal(
  { sample, training, rates }: ProposalBasis,
  { aims, labelled, currency }: { aims: readonly Aim[]; labelled: number; currency: string },
): TrainingProposal | null {
  const rate = rates.compute;
  const rows = sample.rows + labelled;
  const forecast = trainingForecast({ training }, rows);
  if (!rate || !forecast) return null;
  const costOf = (minutes: number) =>
    decimalOf(toMinor(times(price(rate.unitDecimal), BigInt(minutes), 60n), currency), currency);
  return {
    of: "training",
    ...forecast,
    ...{ rows, rate, runs: Math.max(1, ...aims.map(({ maxRuns }) => maxRuns)) },
    unit: costOf(forecast.p90Minutes),
    p50Unit: costOf(forecast.p50Minutes),
  };
}
