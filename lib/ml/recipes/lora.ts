import { SERVED_TARGETS } from "../base/bert-graph";
import { type Lora, type LoraShape, scaleLora } from "../base/lora-shape";
import { type Neighbours, NO_AUGMENTATION } from "../data/augment";
import { type Counts, countNgrams } from "../data/features";
import { fromRows, takeDenseRows } from "../linear/matrix";
import { addNgramLogits, type NgramBlock } from "../linear/ngram-block";
import { denseLogits, fitSoftmaxHead, type LinearHead } from "../linear/softmax-head";
import { orSlower, TUNED_TOKENS_A_SECOND } from "../train/loop";
import { embedTuned, type LoraSettings, type TuneData, tuneLora } from "../train/tune-encoder";
import { withNames } from "./class-names";
import { type Choice, type Chosen, chooseTuning, FROZEN } from "./lora-choice";
import type { FitOptions, TextModel, TextRecipe, Tuning } from "./text-recipe";
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

/** What the n-grams begin at beside the embedding. */
const NGRAM_WEIGHT = 0.6;
const SHAPE: LoraShape = { rank: 8, alpha: 16, targets: SERVED_TARGETS, fromLayer: 0 };
/** The plainest first; readings of one strength lie together, so that it is computed once. */
const READINGS: readonly Reading[] = [1, 0.75, 0.5].flatMap((strength) =>
  [0, 0.5, 1].map((ngrams) => ({ strength, ngrams })),
);

const epochsFor = (rows: number) => (rows <= 1000 ? 12 : rows <= 3000 ? 8 : rows <= 6000 ? 5 : 3);
const settingsFor = (
  rows: number,
  { augmentation, contrastive }: Choice,
  { seed, effort = 1 }: FitOptions,
): LoraSettings => ({
  epochs: Math.ceil(effort * epochsFor(rows)),
  batchSize: 32,
  rate: 2e-3,
  headRate: 1,
  decay: 0.01,
  clip: 1,
  contrastive,
  augmentation: { ...NO_AUGMENTATION, [augmentation.kind]: augmentation.share },
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
  usualGain: 0.05,
  estimate: ({ rows, meanTokens }) => ({
    seconds: 10 + (rows * (meanTokens + 2) * epochsFor(rows)) / TUNED_TOKENS_A_SECOND,
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
    let found: Neighbours | null = null;
    const neighbours = () => {
      found ??= tuning.neighbours();
      return found;
    };
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
      const own: TuneData = { sequences, labels: taught.labels };
      if (choice.augmentation.kind === "synonym") own.neighbours = neighbours();
      const tuned = await tune(tuning, own, start, settings, options);
      return { kind: "lora", ...tuned, ngrams, reading: kept };
    };
    return {
      async fit(rows, labels, classes, options) {
        // Once: a choice among three settings is far below what the other rows of a fold would change in it.
        chosen ??= await chooseTuning({ data, matrix, teach, logits }, rows, labels, classes, options);
        return teach(rows, labels, classes, options, chosen.choice);
      },
      logits,
      vectors: (model, rows) => vectorsOf(asTuned(model), rows),
      readings: (model) => READINGS.map((reading) => ({ ...asTuned(model), kind: "lora", reading })),
      keep(place) {
        kept = READINGS[place] ?? kept;
      },
      effective() {
        const { augmentation, ...others } = chosen?.choice ?? {};
        const words = augmentation && { augmentation: augmentation.kind, augmentedShare: augmentation.share };
        return { rank: SHAPE.rank, alpha: SHAPE.alpha, ...words, ...others, ...kept };
      },
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

function tune(
  tuning: Tuning,
  data: TuneData,
  start: LinearHead,
  settings: LoraSettings,
  options: FitOptions,
) {
  return orSlower(settings, async (own) => {
    const { lora: adapter, head } = await tuneLora(tuning.encoder, data, start, own, {
      signal: options.signal,
      checkpoint: tuning.checkpoint([own, data.labels.length, hashOf(data)]),
      onStep: (step, steps) => options.onProgress(step / steps),
    });
    return { lora: adapter, head };
  });
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
