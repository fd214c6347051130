import { SERVED_TARGETS } from "../base/bert-graph";
import { type Lora, type LoraShape, scaleLora } from "../base/lora-shape";
import { type Counts, countNgrams } from "../data/features";
import { fromRows, takeDenseRows } from "../linear/matrix";
import { addNgramLogits, type NgramBlock } from "../linear/ngram-block";
import { denseLogits, fitSoftmaxHead, type LinearHead } from "../linear/softmax-head";
import { DivergedError } from "../train/loop";
import { embedTuned, type TuneData, type TuneSettings, tuneEncoder } from "../train/tune-encoder";
import { chooseSettings, innerSplit, lossOf } from "./choice";
import type { FitOptions, TextData, TextModel, TextRecipe, Tuning } from "./text-recipe";
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
/** Through one step of tuning, forward and back, on two cores. */
const TOKENS_A_SECOND = 2700;
/** The plainest first; readings of one strength lie together, so that it is computed once. */
const READINGS: readonly Reading[] = [1, 0.75, 0.5].flatMap((strength) =>
  [0, 0.5, 1].map((ngrams) => ({ strength, ngrams })),
);

/** What is tried on held-out rows. */
interface Choice {
  /** Share of a row's tokens that are left out, others each time. */
  drop: number;
  contrastive: number;
}
const USUAL: Choice = { drop: 0.2, contrastive: 0 };

const epochsFor = (rows: number) => (rows <= 1000 ? 15 : rows <= 3000 ? 8 : rows <= 6000 ? 5 : 3);
const settingsFor = (rows: number, { drop, contrastive }: Choice, seed: number): TuneSettings => ({
  epochs: epochsFor(rows),
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
    const counted = data.texts.map(countNgrams);
    const countsOf = (rows: readonly number[]): Counts[] => rows.map((row) => counted[row] ?? new Map());
    const vectorsOf = rememberLast((tuned: LoraModel, rows: readonly number[]) =>
      embedTuned(
        tuning.encoder,
        rows.map((row) => tuning.sequences[row] ?? new Int32Array(0)),
        scaleLora(tuned.lora, tuned.reading.strength),
      ),
    );
    let choice: Choice | null = null;
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
      chosen: Choice,
    ): Promise<TextModel> => {
      const embedded = takeDenseRows(matrix, rows);
      const { signal } = options;
      const start = await fitSoftmaxHead(embedded, labels, classes, { ...FROZEN, signal });
      const fitWide = prepareWide({ embedded, counted: countsOf(rows), labels, classes });
      const { ngrams } = await fitWide(NGRAM_WEIGHT, { ...FROZEN, signal });
      const sequences = rows.map((row) => tuning.sequences[row] ?? new Int32Array(0));
      const settings = settingsFor(rows.length, chosen, options.seed);
      const tuned = await tune(tuning, { sequences, labels }, start, settings, options);
      return { kind: "lora", ...tuned, ngrams, reading: kept };
    };
    return {
      async fit(rows, labels, classes, options) {
        choice ??= await choose(data, rows, labels, classes, options, teach, logits);
        return teach(rows, labels, classes, options, choice);
      },
      logits,
      vectors: (model, rows) => vectorsOf(asTuned(model), rows),
      readings: (model) => READINGS.map((reading) => ({ ...asTuned(model), kind: "lora", reading })),
      keep(place) {
        kept = READINGS[place] ?? kept;
      },
      effective: () => ({ rank: SHAPE.rank, alpha: SHAPE.alpha, ...choice, ...kept }),
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
  settings: TuneSettings,
  options: FitOptions,
) {
  const attempt = (own: TuneSettings) =>
    tuneEncoder(tuning.encoder, data, start, own, {
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

/** Whether words are left out, and whether classes are drawn together, on an inner split of few rows. */
async function choose(
  { texts }: TextData,
  rows: readonly number[],
  labels: Int32Array,
  classes: number,
  options: FitOptions,
  teach: (...args: [readonly number[], Int32Array, number, FitOptions, Choice]) => Promise<TextModel>,
  logits: (model: TextModel, rows: readonly number[]) => Float32Array,
): Promise<Choice> {
  if (rows.length > FEW_ROWS) return { ...USUAL, drop: 0.1 };
  const split = innerSplit(texts, rows, labels, classes, options.seed);
  if (!split) return USUAL;
  const quiet = { ...options, onProgress: () => {} };
  return chooseSettings<Choice>(
    USUAL,
    [(best) => [{ ...best, drop: 0 }], (best) => [{ ...best, contrastive: 0.5 }]],
    async (one) => {
      const model = await teach(split.fit.rows, split.fit.labels, classes, quiet, one);
      return lossOf(logits(model, split.held.rows), split.held.labels, classes);
    },
  );
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
