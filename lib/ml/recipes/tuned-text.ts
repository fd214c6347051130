import type { Encoder } from "../base/encoder";
import { type Lora, narrowLora, scaleLora } from "../base/lora-shape";
import { embedChanged, embedTuned } from "../base/tuned-vectors";
import type { Change } from "../base/whole-shape";
import type { AdapterReading } from "../contract";
import { type Neighbours, NO_AUGMENTATION } from "../data/augment";
import { type Counts, countNgrams } from "../data/features";
import { fromRows, takeDenseRows } from "../linear/matrix";
import { addNgramLogits, type NgramBlock } from "../linear/ngram-block";
import { denseLogits, fitSoftmaxHead, type LinearHead } from "../linear/softmax-head";
import type { Checkpoint } from "../train/loop";
import { orSlower } from "../train/loop";
import type { LoraSettings, TuneData } from "../train/tune-encoder";
import { ADAPTER_STRENGTHS } from "./adapter-readings";
import { withNames } from "./class-names";
import type { FitOptions } from "./label-recipe";
import type { TextModel, TextRecipe, Tuning } from "./text-recipe";
import { type Choice, chooseTuning, FROZEN } from "./tuning-choice";
import {
  describeLora,
  describeSteps,
  epochsFor,
  orderLora,
  orderSteps,
  secondsToTune,
} from "./tuning-effort";
import { prepareWide } from "./wide-part";

export interface TunedModel {
  head: LinearHead;
  lora: Lora;
  /** Of a base that was tuned whole: all that the adapter is the strongest part of. */
  change?: Change;
  ngrams: NgramBlock;
  reading: AdapterReading;
}

/** What of the base is tuned, and how. */
export interface Tuner {
  id: "lora" | "full";
  usualGain: number;
  after?: string;
  /** Ranks that the tuned model may be served at, the cheapest first; absent: that of the adapter which is tuned. */
  ranks?: readonly AdapterReading["rank"][];
  /** Highest rate of the encoder's part and of the head. */
  rate: number;
  headRate: number;
  /** Of a step, beside one that tunes a low-rank adapter. */
  cost: number;
  /** Beside the rows' own. */
  bytes: number;
  tune(
    encoder: Encoder,
    data: TuneData,
    start: LinearHead,
    settings: LoraSettings,
    hooks: { signal: AbortSignal; checkpoint: Checkpoint; onStep(step: number, steps: number): void },
  ): Promise<{ head: LinearHead; lora: Lora; change?: Change }>;
}

/** What the n-grams begin at beside the embedding. */
const NGRAM_WEIGHT = 0.6;
/** The plainest first; those of one rank and strength lie together, so that the rows are read once. */
const readingsOf = (ranks: readonly AdapterReading["rank"][]): AdapterReading[] =>
  ranks.flatMap((rank) =>
    ADAPTER_STRENGTHS.flatMap((strength) => [0, 0.5, 1].map((ngrams) => ({ rank, strength, ngrams }))),
  );

const settingsFor = (
  { rate, headRate }: Tuner,
  { ordered, encoder }: Pick<Tuning, "ordered" | "encoder">,
  rows: number,
  { augmentation, contrastive, classWeights, effort }: Choice,
  { seed, effort: asked = 1 }: FitOptions,
): LoraSettings => {
  const usual = {
    epochs: Math.ceil(effort * epochsFor(rows)),
    batchSize: 32,
    rate,
    headRate: headRate / rate,
    decay: 0.01,
    clip: 1,
  };
  const steps = orderSteps(usual, ordered);
  return {
    ...steps,
    epochs: Math.ceil(asked * steps.epochs),
    // A row alone in its batch has nothing to be drawn to.
    contrastive: steps.batchSize > 1 ? contrastive : 0,
    classWeights,
    augmentation: { ...NO_AUGMENTATION, [augmentation.kind]: augmentation.share },
    smoothing: 0,
    seed,
    lora: orderLora(ordered, encoder.config.layers),
  };
};

/**
 * A recipe that tunes the base with the head from its frozen solution, and gives an adapter. The n-grams of the `wide`
 * recipe count beside it, and the adapter at less than its full strength, where that is better out of fold.
 */
export const createTuned = (tuner: Tuner): TextRecipe => ({
  id: tuner.id,
  needs: { base: true, tuning: true },
  isMargin: false,
  readsCharacters: true,
  usualGain: tuner.usualGain,
  ...(tuner.after && { after: tuner.after }),
  estimate: (profile) => ({
    seconds: 10 + tuner.cost * secondsToTune(tuner.ranks ? { ...profile, tunedShare: 1 } : profile),
    bytes: tuner.bytes + profile.rows * 384 * 8,
  }),
  async prepare(data) {
    const { tuning } = data;
    if (!data.embeddings || !tuning) throw new Error(`the ${tuner.id} recipe needs a base that can be tuned`);
    const { layers } = tuning.encoder.config;
    const shape = orderLora(tuning.ordered, layers);
    const readings = readingsOf(tuner.ranks ?? [shape.rank]);
    let ran: LoraSettings | null = null;
    const matrix = fromRows(data.embeddings);
    const counted = [...data.texts, ...data.names].map(countNgrams);
    const countsOf = (rows: readonly number[]): Counts[] => rows.map((row) => counted[row] ?? new Map());
    const vectorsOf = rememberLast((tuned: TunedModel, rows: readonly number[]) =>
      embedAsServed(
        tuning.encoder,
        rows.map((row) => tuning.sequences[row] ?? new Int32Array(0)),
        tuned,
      ),
    );
    let found: Neighbours | null = null;
    const neighbours = () => {
      found ??= tuning.neighbours();
      return found;
    };
    let kept = readings[0] as AdapterReading;
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
      const settings = settingsFor(tuner, tuning, rows.length, choice, options);
      const own: TuneData = { sequences, labels: taught.labels };
      if (choice.augmentation.kind === "synonym") own.neighbours = neighbours();
      const { settings: done, ...tuned } = await tune(tuner, tuning, own, start, settings, options);
      ran = done;
      return { kind: tuner.id, ...tuned, ngrams, reading: kept };
    };
    return {
      async fit(rows, labels, classes, options) {
        // Once: a choice among a few settings is far below what the other rows of a fold would change in it.
        tuning.chosen ??= await chooseTuning({ data, matrix, teach, logits }, rows, labels, classes, options);
        return teach(rows, labels, classes, options, tuning.chosen.choice);
      },
      logits,
      vectors: (model, rows) => vectorsOf(asTuned(model), rows),
      readings: (model) => readings.map((reading) => ({ ...asTuned(model), kind: tuner.id, reading })),
      ways: readings,
      keep(place) {
        kept = readings[place] ?? kept;
      },
      effective() {
        // The epochs that ran say how much of the usual effort was enough.
        const { augmentation, effort: _, ...others } = tuning.chosen?.choice ?? {};
        const words = augmentation && { augmentation: augmentation.kind, augmentedShare: augmentation.share };
        const steps = ran && { ...describeSteps(ran, tuner.rate), contrastive: ran.contrastive };
        const { ngrams: a, ...reading } = kept;
        const lora = !tuner.ranks && describeLora(shape, layers);
        return { ...words, ...others, ...steps, ...lora, ...reading, a };
      },
      augmentation: () => tuning.chosen?.effect ?? null,
    };
  },
});

function asTuned(model: TextModel): TunedModel {
  if (model.kind !== "lora" && model.kind !== "full") throw new Error("a tuned model is needed");
  return model;
}

/** What of the base was tuned, as it counts in this reading: an adapter, or everything. */
export function servedTuning({ lora, change, reading }: TunedModel): { lora: Lora } | { change: Change } {
  const { rank, strength } = reading;
  if (rank !== "whole") return { lora: scaleLora(narrowLora(lora, rank), strength) };
  if (!change) throw new Error("only a base that was tuned whole is read whole");
  return { change: change.map((value) => value * strength) };
}

function embedAsServed(encoder: Encoder, sequences: readonly Int32Array[], tuned: TunedModel) {
  const served = servedTuning(tuned);
  return "lora" in served
    ? embedTuned(encoder, sequences, served.lora)
    : embedChanged(encoder, sequences, served.change);
}

/** The block as it counts in this reading; adding it is the same in training and in serving. */
export const weighNgrams = ({ ngrams, reading }: TunedModel): NgramBlock => ({
  ...ngrams,
  scales: ngrams.scales.map((scale) => scale * reading.ngrams),
});

const tune = (
  tuner: Tuner,
  tuning: Tuning,
  data: TuneData,
  start: LinearHead,
  settings: LoraSettings,
  options: FitOptions,
) =>
  orSlower(settings, async (own) => {
    const tuned = await tuner.tune(tuning.encoder, data, start, own, {
      signal: options.signal,
      checkpoint: tuning.checkpoint([tuner.id, own, data.labels.length, hashOf(data)]),
      onStep: (step, steps) => options.onProgress(step / steps),
    });
    return { ...tuned, settings: own };
  });

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
function rememberLast(compute: (model: TunedModel, rows: readonly number[]) => Float32Array[]) {
  let last: { of: readonly unknown[]; vectors: Float32Array[] } | undefined;
  return (model: TunedModel, rows: readonly number[]): Float32Array[] => {
    const of = [model.lora, model.reading.rank, model.reading.strength, rows];
    if (!last || of.some((one, i) => one !== last?.of[i])) last = { of, vectors: compute(model, rows) };
    return last.vectors;
  };
}
