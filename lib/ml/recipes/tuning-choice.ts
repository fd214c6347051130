import { nestedOrder } from "../data/split";
import { type Dense, takeDenseRows } from "../linear/matrix";
import { denseLogits, fitSoftmaxHead } from "../linear/softmax-head";
import { accuracyOf, decide, isAhead, macroF1, pairedDifference } from "../report/metrics";
import type { ClassWeights } from "../train/losses";
import { innerSplit, lossOf, type Part } from "./choice";
import { areNamesWorthTrying, withNames } from "./class-names";
import type { FitOptions } from "./label-recipe";
import type { AugmentationEffect, AugmentationKind, TextData, TextModel } from "./text-recipe";

/** How a recipe that tunes the base chooses its settings, on rows that are held out of the ones it is given. */

/** Where the head begins: the frozen solution at the usual penalty. */
export const FROZEN = { c: 10, maxIterations: 100 };
/** Up to here changes to words other than leaving some out are tried. */
const FEWEST_ROWS = 500;
/**
 * Settings are tried on so many rows at most: beyond, a try would cost minutes. Up to here it is also tried whether classes
 * are drawn together.
 */
const FEW_ROWS = 1500;
/** Of more rows, so many others judge. */
const JUDGING_ROWS = 1000;
/** Classes count alike where one has so many times the rows of another, if that is better. */
const SKEWED = 3;

const NONE = { kind: "none", share: 0 } as const;
/** The usual one first. Few rows want more words left out than many. */
const changesFor = (rows: number): Choice["augmentation"][] => [
  { kind: "drop", share: rows > FEW_ROWS ? 0.1 : 0.25 },
  ...(rows > FEWEST_ROWS
    ? []
    : [{ kind: "swap", share: 0.15 } as const, { kind: "synonym", share: 0.15 } as const]),
];

/** What is tried on held-out rows. */
export interface Choice {
  /** Of a row's words, others each time; nothing is done to them with the kind "none". */
  augmentation: { kind: AugmentationKind; share: number };
  contrastive: number;
  classWeights: ClassWeights;
  /** Whether the classes' names are rows too. */
  classNames: boolean;
  /**
   * Share of the usual epochs. Stopping early is a shorter cycle here: a fit that is cut in the middle of its one cycle
   * has never cooled down.
   */
  effort: number;
}
export interface Chosen {
  choice: Choice;
  /** What changing words did, all else equal. */
  effect: AugmentationEffect;
}
/**
 * Drawing classes together helps where a batch holds many rows of each (two to six classes: +2 to +5 points at 64
 * rows a class) and can hurt where it holds one (77 classes: -0.4).
 */
const usualFor = (classes: number): Choice => ({
  augmentation: NONE,
  contrastive: classes <= 10 ? 0.5 : 0,
  classWeights: "even",
  classNames: false,
  effort: 1,
});

/** Of one `prepare`: what settings are tried with. */
interface Trial {
  data: TextData;
  /** Frozen embeddings of the texts, then of the names. */
  matrix: Dense;
  teach(
    rows: readonly number[],
    labels: Int32Array,
    classes: number,
    options: FitOptions,
    choice: Choice,
  ): Promise<TextModel>;
  logits(model: TextModel, rows: readonly number[]): Float32Array;
}
interface Judged {
  choice: Choice;
  isRight: boolean[];
  accuracy: number;
  macroF1: number;
  loss: number;
}

/**
 * One setting after the other, on an inner split. Words are changed only where that is right more often, or as often
 * and surer; how they are changed, and other settings, stay as is usual unless another is better by more than a
 * standard error, classes count alike where that is better for the mean class and no worse by as much, and half the epochs are enough where they are
 * as good. Whether class names help, the frozen base tells, at no cost.
 */
export async function chooseTuning(
  { data, matrix, teach, logits }: Trial,
  rows: readonly number[],
  labels: Int32Array,
  classes: number,
  options: FitOptions,
): Promise<Chosen> {
  const usual = usualFor(classes);
  const whole = innerSplit(data.texts, rows, labels, classes, options.seed);
  if (!whole) return { choice: usual, effect: { ...NONE, measured: null } };
  const isFew = rows.length <= FEW_ROWS;
  const fit = isFew ? whole.fit : beginning(whole.fit, FEW_ROWS, options.seed);
  const held = isFew ? whole.held : beginning(whole.held, JUDGING_ROWS, options.seed);
  const frozenLoss = async (classNames: boolean) => {
    const taught = withNames(fit, classes, data.texts.length, classNames);
    const frozen = { ...FROZEN, signal: options.signal };
    const head = await fitSoftmaxHead(takeDenseRows(matrix, taught.rows), taught.labels, classes, frozen);
    return lossOf(denseLogits(head, takeDenseRows(matrix, held.rows)), held.labels, classes);
  };
  const classNames =
    areNamesWorthTrying(rows.length, data.names) && (await frozenLoss(true)) < (await frozenLoss(false));
  const judge = async (choice: Choice): Promise<Judged> => {
    const quiet = { ...options, onProgress: () => {} };
    const model = await teach(fit.rows, fit.labels, classes, quiet, choice);
    const out = logits(model, held.rows);
    const answered = { actual: held.labels, predicted: decide(out, classes).predicted };
    return {
      choice,
      isRight: [...held.labels].map((label, i) => label === answered.predicted[i]),
      accuracy: accuracyOf(answered).value,
      macroF1: macroF1(answered, classes),
      loss: lossOf(out, held.labels, classes),
    };
  };
  const unchanged = await judge({ ...usual, classNames });
  const changed: Judged[] = [];
  for (const augmentation of changesFor(rows.length))
    changed.push(await judge({ ...unchanged.choice, augmentation }));
  const augmented = changed.reduce((a, b) => (isAhead(b.isRight, a.isRight) ? b : a));
  let best = isBetter(augmented, unchanged) ? augmented : unchanged;
  const measured = { with: augmented.accuracy, without: unchanged.accuracy, rows: held.rows.length };
  const effect = { ...best.choice.augmentation, measured };

  if (isFew) {
    const other = await judge({ ...best.choice, contrastive: usual.contrastive > 0 ? 0 : 0.5 });
    if (isAhead(other.isRight, best.isRight)) best = other;
  }
  if (isSkewed(labels, classes)) {
    const balanced = await judge({ ...best.choice, classWeights: "balanced" });
    const { value, error } = pairedDifference(balanced.isRight, best.isRight);
    if (balanced.macroF1 > best.macroF1 && value >= -error) best = balanced;
  }
  if (data.tuning?.ordered.epochs === undefined) {
    const shorter = await judge({ ...best.choice, effort: 0.5 });
    if (isBetter(shorter, best)) best = shorter;
  }
  return { choice: best.choice, effect };
}

/** Right more often, or as often and with the lower loss. */
const isBetter = (one: Judged, other: Judged): boolean =>
  one.accuracy === other.accuracy ? one.loss < other.loss : one.accuracy > other.accuracy;

/** So many rows at most, the classes in their shares. */
function beginning({ rows, labels }: Part, most: number, seed: number): Part {
  const places = nestedOrder(labels, [...rows.keys()], seed).slice(0, most);
  return {
    rows: places.map((place) => rows[place] as number),
    labels: Int32Array.from(places, (place) => labels[place] as number),
  };
}

function isSkewed(labels: Int32Array, classes: number): boolean {
  const counts = new Int32Array(classes);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  const taught = counts.filter((count) => count > 0);
  return Math.max(...taught) >= SKEWED * Math.min(...taught);
}
