import {
  add,
  dispose,
  matMul,
  mul,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
  tidy,
  type Variable,
  variable,
} from "@tensorflow/tfjs-core";
import { type Batch, createBatch, type Encoder, pool, type RunOptions } from "../base/encoder";
import { lengthBatches } from "../base/length-batches";
import { holdLora } from "../base/lora";
import { createLora, type Lora, type LoraShape } from "../base/lora-shape";
import { holdWhole } from "../base/whole";
import { type Augmentation, augment, type Neighbours } from "../data/augment";
import type { LinearHead } from "../linear/softmax-head";
import { generator } from "../linear/svm";
import { batchesOf, pairedBatches } from "./batches";
import { type Checkpoint, runLoop } from "./loop";
import { crossEntropy, supervisedContrastive } from "./losses";

/** Every hyperparameter of a tuning but what is tuned, with its value. */
export interface TuneSettings {
  epochs: number;
  batchSize: number;
  /** Highest rate of the adapter, or of the encoder's own weights. */
  rate: number;
  /** The head's rate as a multiple of that. */
  headRate: number;
  decay: number;
  clip: number;
  /** Share of the supervised contrastive loss beside the cross-entropy; 0 leaves it out. */
  contrastive: number;
  augmentation: Augmentation;
  /** Weight moved from the right class to all others in the cross-entropy (Szegedy et al. 2016). */
  smoothing: number;
  seed: number;
}
export interface LoraSettings extends TuneSettings {
  lora: LoraShape;
}
export interface TuneData {
  /** Token ids of each row, with special tokens. */
  sequences: readonly Int32Array[];
  labels: Int32Array;
  /** A factor for each class in the cross-entropy; absent: all rows count alike. */
  classWeights?: Float32Array;
  /** What stands for a word where synonyms are asked for. */
  neighbours?: Neighbours;
}
/** A head with the losses of all steps. */
interface Tuned {
  head: LinearHead;
  losses: number[];
}
interface Hooks {
  signal: AbortSignal;
  checkpoint?: Checkpoint;
  /** Steps between two checkpoints. */
  saveEvery?: number;
  onStep?(step: number, steps: number, loss: number): void;
}

/** Of the contrastive loss (Khosla et al. 2020 use 0.07 to 0.1). */
const TEMPERATURE = 0.1;
/** Padded tokens of one forward pass that only answers. */
const BATCH_TOKENS = 2048;

/**
 * Tunes an adapter and a softmax head together. The head begins at its solution on the frozen base, so the first step
 * already answers as well as that. Throws `DivergedError`, and when aborted.
 */
export async function tuneLora(
  encoder: Encoder,
  data: TuneData,
  start: LinearHead,
  settings: LoraSettings,
  hooks: Hooks,
): Promise<Tuned & { lora: Lora }> {
  const held = holdLora(createLora(encoder.config, settings.lora, settings.seed), encoder.config);
  const { difference, variables } = held;
  try {
    const tuned = await tune(encoder, { variables, options: { difference } }, data, start, settings, hooks);
    return { ...tuned, lora: held.read() };
  } finally {
    held.dispose();
  }
}

/** The same for all linear matrices of the encoder; they come back as `holdTuned` and `differenceOf` take them. */
export async function tuneWhole(
  encoder: Encoder,
  data: TuneData,
  start: LinearHead,
  settings: TuneSettings,
  hooks: Hooks,
): Promise<Tuned & { weights: Float32Array[] }> {
  const held = holdWhole(encoder);
  const { layers, variables } = held;
  try {
    const tuned = await tune(encoder, { variables, options: { layers } }, data, start, settings, hooks);
    return { ...tuned, weights: held.read() };
  } finally {
    held.dispose();
  }
}

/** What is tuned, and how the encoder runs with it. */
interface Part {
  variables: readonly Variable[];
  options: RunOptions;
}

async function tune(
  encoder: Encoder,
  part: Part,
  { sequences, labels, classWeights, neighbours }: TuneData,
  start: LinearHead,
  settings: TuneSettings,
  hooks: Hooks,
): Promise<Tuned> {
  const { inputs, classes } = start;
  const weights = variable(tensor2d(start.weights, [inputs, classes]));
  const bias = variable(tensor1d(start.bias));
  const lengths = sequences.map((ids) => ids.length);
  const loss = (rows: readonly number[], step: number): Scalar => {
    const own = Int32Array.from(rows, (row) => labels[row] as number);
    const random = generator(settings.seed * 31 + step);
    const batch = createBatch(
      rows.map((row) => augment(sequences[row] as Int32Array, settings.augmentation, random, neighbours)),
    );
    const vectors = vectorsOf(encoder, batch, part.options);
    const logits = add(matMul(vectors, weights as Tensor2D), bias as Tensor1D) as Tensor2D;
    const plain = crossEntropy(logits, own, settings.smoothing, classWeights);
    if (settings.contrastive === 0) return plain;
    const apart = supervisedContrastive(vectors, own, TEMPERATURE);
    return add(plain, mul(apart, settings.contrastive)) as Scalar;
  };
  const { batchSize, seed } = settings;
  try {
    const { losses } = await runLoop({
      ...settings,
      ...hooks,
      variables: [...part.variables, weights, bias],
      scales: [...part.variables.map(() => 1), settings.headRate, settings.headRate],
      batches: (epoch) =>
        settings.contrastive > 0
          ? pairedBatches(labels, batchSize, seed, epoch)
          : batchesOf(lengths, batchSize, seed, epoch),
      loss,
    });
    const values = (one: Variable) => one.dataSync().slice() as Float32Array;
    return { head: { inputs, classes, weights: values(weights), bias: values(bias) }, losses };
  } finally {
    dispose([weights, bias]);
  }
}

const vectorsOf = (encoder: Encoder, batch: Batch, options: RunOptions): Tensor2D =>
  pool(encoder.run(encoder.embed(batch), batch, options), batch);

/** Unit-length vectors [hidden] of sequences under an adapter, in their order. */
export function embedTuned(encoder: Encoder, sequences: readonly Int32Array[], lora: Lora): Float32Array[] {
  const held = holdLora(lora, encoder.config);
  const vectors = embedWith(encoder, sequences, { difference: held.difference });
  held.dispose();
  return vectors;
}

/** The same with the encoder run as the options say; like lengths are computed together. */
export function embedWith(
  encoder: Encoder,
  sequences: readonly Int32Array[],
  options: RunOptions,
): Float32Array[] {
  const lengths = sequences.map((ids) => ids.length);
  const out: Float32Array[] = new Array(sequences.length);
  for (const rows of lengthBatches(lengths, BATCH_TOKENS)) {
    let values = new Float32Array(0);
    tidy(() => {
      const batch = createBatch(rows.map((row) => sequences[row] as Int32Array));
      values = vectorsOf(encoder, batch, options).dataSync() as Float32Array<ArrayBuffer>;
    });
    const { hidden } = encoder.config;
    for (const [i, row] of rows.entries()) out[row] = values.slice(i * hidden, (i + 1) * hidden);
  }
  return out;
}
