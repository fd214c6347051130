import { SERVED_TARGETS } from "../base/bert-graph";
import { type Lora, type LoraShape, scaleLora } from "../base/lora-shape";
import { type Counts, countNgrams } from "../data/features";
import { type Dense, fromRows, takeDenseRows } from "../linear/matrix";
import { addNgramLogits, type NgramBlock } from "../linear/ngram-block";
import { denseLogits, fitSoftmaxHead, type LinearHead } from "../linear/softmax-head";
import { decide, pairedDifference } from "../report/metrics";
import { DivergedError } from "../train/loop";
import { embedTuned, type LoraSettings, type TuneData, tuneLora } from "../train/tune-encoder";
import { innerSplit, lossOf } from "./choice";
import { areNamesWorthTrying, withNames } from "./class-names";
import type { AugmentationEffect, FitOptions, TextData, TextModel, TextRecipe, Tuning } from "./text-recipe";
import { prepareWide } from "./wide-part";

/** How a tuned model is read: its adapter's strength, and what its n-grams count beside it. */
export interface Reading {
  /** 1 - a of W = a·W_base + (1 - a)·W_tuned. */
  strength: number;
  ngrams: number;
}
export interface LoraModel {
  head: LinearHead;
  lora: Lora;
  ngrams: NgramBlock;
  reading: Reading;
}

/** Where the head and the n-grams begin: the frozen solution at the usual penalty and weight. */
const FROZEN = { c: 10, maxIterations: 100 };
const NGRAM_WEIGHT = 0.6;
const SHAPE: LoraShape = { rank: 8, alpha: 16, targets: SERVED_TARGETS, fromLayer: 0 };
/** Up to here settings are tried on an inner split; beyond, a try costs minutes and moves little. */
const FEW_ROWS = 1500;
/** Through one step of tuning, forward and back, on two cores; measured on short rows. */
const TOKENS_A_SECOND = 1800;
/** The plainest first; readings of one strength lie together, so that it is computed once. */
const READINGS: readonly Reading[] = [1, 0.75, 0.5].flatMap((strength) =>
  [0, 0.5, 1].map((ngrams) => ({ strength, ngrams })),
);

/** What is tried on held-out rows. */
interface Choice {
  /** Share of a row's tokens that are left out, others each time. */
  drop: number;
  contrastive: number;
  /** Whether the classes' names are rows too. */
  classNames: boolean;
}
interface Chosen {
  choice: Choice;
  /** What leaving words out did, all else equal; not measured with many rows. */
  effect: AugmentationEffect;
}
/**
 * Drawing classes together helps where a batch holds many rows of each (two to six classes: +2 to +5 points at 64
 * rows a class) and can hurt where it holds one (77 classes: -0.4); few rows want more words left out than many.
 */
const usualFor = (rows: number, classes: number): Choice => ({
  drop: rows > FEW_ROWS ? 0.1 : 0.25,
  contrastive: classes <= 10 ? 0.5 : 0,
  classNames: false,
});

const epochsFor = (rows: number) => (rows <= 1000 ? 12 : rows <= 3000 ? 8 : rows <= 6000 ? 5 : 3);
const settingsFor = (
  rows: number,
  { drop, contrastive }: Choice,
  { seed, effort = 1 }: FitOptions,
): LoraSettings => ({
  epochs: Math.ceil(effort * epochsFor(rows)),
  batchSize: 32,
  rate: 2e-3,
  headRate: 1,
  decay: 0.01,
  clip: 1,
  contrastive,
  augmentation: { drop, swap: 0 },
  smoothing: 0,
  lora: SHAPE,
  seed,
});

/**
 * Low-rank adapters on query and value of every layer, tuned with the head from its frozen solution. The n-grams of
 * the `wide` recipe count beside it, and the adapter at less than its full strength, where that is better out of fold.
 */
export const lora: TextRecipe = {
  id: "lora",
  needs: { base: true, tuning: true },
  isMargin: false,
  readsCharacters: true,
  estimate: ({ rows, meanTokens }) => ({
    seconds: 10 + (rows * (meanTokens + 2) * epochsFor(rows)) / TOKENS_A_SECOND,
    bytes: 900e6 + rows * 384 * 8,
  }),
  async prepare(data) {
    const { tuning } = data;
    if (!data.embeddings || !tuning) throw new Error("the lora recipe needs a base that can be tuned");
    const matrix = fromRows(data.embeddings);
    const counted = [...data.texts, ...data.names].map(countNgrams);
    const countsOf = (rows: readonly number[]): Counts[] => rows.map((row) => counted[row] ?? new Map());
    const vectorsOf = rememberLast((tuned: LoraModel, rows: readonly number[]) =>
      embedTuned(
        tuning.encoder,
        rows.map((row) => tuning.sequences[row] ?? new Int32Array(0)),
        scaleLora(tuned.lora, tuned.reading.strength),
      ),
    );
    let chosen: Chosen | null = null;
    let kept = READINGS[0] as Reading;
    const logits = (model: TextModel, rows: readonly number[]) => {
      const tuned = asTuned(model);
      const out = denseLogits(tuned.head, fromRows(vectorsOf(tuned, rows)));
      if (tuned.reading.ngrams > 0) addNgramLogits(weighNgrams(tuned), countsOf(rows), out);
      return out;
    };
    const teach = async (
      rows: readonly number[],
      labels: Int32Array,
      classes: number,
      options: FitOptions,
      choice: Choice,
    ): Promise<TextModel> => {
      const taught = withNames({ rows, labels }, classes, data.texts.length, choice.classNames);
      const embedded = takeDenseRows(matrix, taught.rows);
      const frozen = { ...FROZEN, signal: options.signal };
      const start = await fitSoftmaxHead(embedded, taught.labels, classes, frozen);
      const wide = { embedded, counted: countsOf(taught.rows), labels: taught.labels, classes };
      const { ngrams } = await prepareWide(wide)(NGRAM_WEIGHT, frozen);
      const sequences = taught.rows.map((row) => tuning.sequences[row] ?? new Int32Array(0));
      const settings = settingsFor(rows.length, choice, options);
      const tuned = await tune(tuning, { sequences, labels: taught.labels }, start, settings, options);
      return { kind: "lora", ...tuned, ngrams, reading: kept };
    };
    return {
      async fit(rows, labels, classes, options) {
        // Once: a choice among three settings is far below what the other rows of a fold would change in it.
        chosen ??= await choose({ data, matrix, teach, logits }, rows, labels, classes, options);
        return teach(rows, labels, classes, options, chosen.choice);
      },
      logits,
      vectors: (model, rows) => vectorsOf(asTuned(model), rows),
      readings: (model) => READINGS.map((reading) => ({ ...asTuned(model), kind: "lora", reading })),
      keep(place) {
        kept = READINGS[place] ?? kept;
      },
      effective: () => ({ rank: SHAPE.rank, alpha: SHAPE.alpha, ...chosen?.choice, ...kept }),
      augmentation: () => chosen?.effect ?? null,
    };
  },
};

function asTuned(model: TextModel): LoraModel {
  if (model.kind !== "lora") throw new Error("a lora model is needed");
  return model;
}

/** The block as it counts in this reading; adding it is the same in training and in serving. */
export const weighNgrams = ({ ngrams, reading }: LoraModel): NgramBlock => ({
  ...ngrams,
  scales: ngrams.scales.map((scale) => scale * reading.ngrams),
});

/** Once more at a quarter of the rate when the loss is no number any more; then it is given up. */
async function tune(
  tuning: Tuning,
  data: TuneData,
  start: LinearHead,
  settings: LoraSettings,
  options: FitOptions,
) {
  const attempt = (own: LoraSettings) =>
    tuneLora(tuning.encoder, data, start, own, {
      signal: options.signal,
      checkpoint: tuning.checkpoint([own, data.labels.length, hashOf(data)]),
      onStep: (step, steps) => options.onProgress(step / steps),
    });
  const { lora: adapter, head } = await attempt(settings).catch((error: unknown) => {
    if (!(error instanceof DivergedError)) throw error;
    return attempt({ ...settings, rate: settings.rate / 4 });
  });
  return { lora: adapter, head };
}

/** Which rows a fit is over, for the name of its checkpoint. */
function hashOf({ sequences, labels }: TuneData): number {
  let hash = 7;
  for (const [row, ids] of sequences.entries()) {
    for (const id of ids) hash = Math.imul(hash ^ id, 0x01000193);
    hash = Math.imul(hash ^ ((labels[row] as number) + 1), 0x01000193);
  }
  return hash >>> 0;
}

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
 * Whether words are left out, and whether classes are drawn together, on an inner split of few rows. What is usual
 * stays unless another setting is right more often by more than a standard error: a hundred rows tell no less apart.
 * Whether class names help, the frozen base tells, at no cost.
 */
async function choose(
  { data, matrix, teach, logits }: Trial,
  rows: readonly number[],
  labels: Int32Array,
  classes: number,
  options: FitOptions,
): Promise<Chosen> {
  const plain = usualFor(rows.length, classes);
  const split = rows.length > FEW_ROWS ? null : innerSplit(data.texts, rows, labels, classes, options.seed);
  if (!split) return { choice: plain, effect: { drop: plain.drop, measured: null } };
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
  const usual = { ...plain, classNames };
  const asUsual = await judge(usual);
  const undropped = await judge({ ...usual, drop: 0 });
  const otherwise = await judge({ ...usual, contrastive: usual.contrastive > 0 ? 0 : 0.5 });
  const best = [asUsual, undropped, otherwise].reduce((a, b) => (b.share > a.share ? b : a));
  const { value, error } = pairedDifference(best.isRight, asUsual.isRight);
  const choice = value > error ? best.choice : usual;
  const measured = { with: asUsual.share, without: undropped.share, rows: held.rows.length };
  return { choice, effect: { drop: choice.drop, measured } };
}

/** Readings that differ in their n-grams alone share one pass over the rows. */
function rememberLast(compute: (model: LoraModel, rows: readonly number[]) => Float32Array[]) {
  let last: { lora: Lora; strength: number; rows: readonly number[]; vectors: Float32Array[] } | undefined;
  return (model: LoraModel, rows: readonly number[]): Float32Array[] => {
    const { strength } = model.reading;
    if (last?.lora !== model.lora || last.strength !== strength || last.rows !== rows)
      last = { lora: model.lora, strength, rows, vectors: compute(model, rows) };
    return last.vectors;
  };
}
