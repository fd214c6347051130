import { type Dense, takeDenseRows } from "../linear/matrix";
import { denseLogits, fitSoftmaxHead } from "../linear/softmax-head";
import { decide, pairedDifference } from "../report/metrics";
import { innerSplit, lossOf } from "./choice";
import { areNamesWorthTrying, withNames } from "./class-names";
import type { FitOptions } from "./label-recipe";
import type { AugmentationEffect, AugmentationKind, TextData, TextModel } from "./text-recipe";

/** How the lora recipe chooses its settings, on rows that are held out of the ones it is given. */

/** Where the head begins: the frozen solution at the usual penalty. */
export const FROZEN = { c: 10, maxIterations: 100 };
/** Up to here settings are tried on an inner split; beyond, a try costs minutes and moves little. */
const FEW_ROWS = 1500;
/** Up to here other changes to words are tried beside leaving some out: each costs a fit more. */
const FEWEST_ROWS = 500;
const NONE = { kind: "none", share: 0 } as const;
const OTHER_AUGMENTATIONS = [
  { kind: "swap", share: 0.15 },
  { kind: "synonym", share: 0.15 },
] as const;
/** What is tried on held-out rows. */
export interface Choice {
  /** Of a row's words, others each time; nothing is done to them with the kind "none". */
  augmentation: { kind: AugmentationKind; share: number };
  contrastive: number;
  /** Whether the classes' names are rows too. */
  classNames: boolean;
}
export interface Chosen {
  choice: Choice;
  /** What changing words did, all else equal; not measured with many rows. */
  effect: AugmentationEffect;
}
/**
 * Drawing classes together helps where a batch holds many rows of each (two to six classes: +2 to +5 points at 64
 * rows a class) and can hurt where it holds one (77 classes: -0.4); few rows want more words left out than many.
 */
const usualFor = (rows: number, classes: number): Choice => ({
  augmentation: { kind: "drop", share: rows > FEW_ROWS ? 0.1 : 0.25 },
  contrastive: classes <= 10 ? 0.5 : 0,
  classNames: false,
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

/**
 * What is done to words, and whether classes are drawn together, on an inner split of few rows. What is usual
 * stays unless another setting is right more often by more than a standard error: a hundred rows tell no less apart.
 * Whether class names help, the frozen base tells, at no cost.
 */
export async function chooseTuning(
  { data, matrix, teach, logits }: Trial,
  rows: readonly number[],
  labels: Int32Array,
  classes: number,
  options: FitOptions,
): Promise<Chosen> {
  const plain = usualFor(rows.length, classes);
  const split = rows.length > FEW_ROWS ? null : innerSplit(data.texts, rows, labels, classes, options.seed);
  if (!split) return { choice: plain, effect: { ...plain.augmentation, measured: null } };
  const { fit, held } = split;
  const frozenLoss = async (classNames: boolean) => {
    const taught = withNames(fit, classes, data.texts.length, classNames);
    const frozen = { ...FROZEN, signal: options.signal };
    const head = await fitSoftmaxHead(takeDenseRows(matrix, taught.rows), taught.labels, classes, frozen);
    return lossOf(denseLogits(head, takeDenseRows(matrix, held.rows)), held.labels, classes);
  };
  const classNames =
    areNamesWorthTrying(rows.length, data.names) && (await frozenLoss(true)) < (await frozenLoss(false));
  const judge = async (choice: Choice) => {
    const quiet = { ...options, onProgress: () => {} };
    const model = await teach(fit.rows, fit.labels, classes, quiet, choice);
    const { predicted } = decide(logits(model, held.rows), classes);
    const isRight = [...held.labels].map((label, i) => label === predicted[i]);
    return { choice, isRight, share: isRight.filter(Boolean).length / isRight.length };
  };
  const usual: Choice = { ...plain, classNames };
  const asUsual = await judge(usual);
  const unchanged = await judge({ ...usual, augmentation: NONE });
  const others = [];
  if (rows.length <= FEWEST_ROWS)
    for (const augmentation of OTHER_AUGMENTATIONS) others.push(await judge({ ...usual, augmentation }));
  const augmented = highest([asUsual, ...others]);
  const otherwise = await judge({ ...usual, contrastive: usual.contrastive > 0 ? 0 : 0.5 });
  const best = highest([asUsual, unchanged, ...others, otherwise]);
  const { value, error } = pairedDifference(best.isRight, asUsual.isRight);
  const choice = value > error ? best.choice : usual;
  const shown = choice.augmentation.kind === "none" || choice === augmented.choice ? augmented : asUsual;
  const measured = { with: shown.share, without: unchanged.share, rows: held.rows.length };
  return { choice, effect: { ...choice.augmentation, measured } };
}

/** The first of those that are right most often. */
const highest = <T extends { share: number }>(list: readonly [T, ...T[]]): T =>
  list.reduce((a, b) => (b.share > a.share ? b : a));
