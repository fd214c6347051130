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
  variable,
} from "@tensorflow/tfjs-core";
import { type Batch, createBatch, type Encoder, pool } from "../base/encoder";
import { type HeldLora, holdLora } from "../base/lora";
import { createLora, type Lora, type LoraShape } from "../base/lora-shape";
import { type Augmentation, augment } from "../data/augment";
import type { LinearHead } from "../linear/softmax-head";
import { generator } from "../linear/svm";
import { batchesOf, pairedBatches } from "./batches";
import { type Checkpoint, runLoop } from "./loop";
import { crossEntropy, supervisedContrastive } from "./losses";

/** Every hyperparameter of a tuning, with its value. */
export interface TuneSettings {
  epochs: number;
  batchSize: number;
  /** Highest rate of the adapter. */
  rate: number;
  /** The head's rate as a multiple of the adapter's. */
  headRate: number;
  decay: number;
  clip: number;
  /** Share of the supervised contrastive loss beside the cross-entropy; 0 leaves it out. */
  contrastive: number;
  augmentation: Augmentation;
  /** Weight moved from the right class to all others in the cross-entropy (Szegedy et al. 2016). */
  smoothing: number;
  lora: LoraShape;
  seed: number;
}
export interface TuneData {
  /** Token ids of each row, with special tokens. */
  sequences: readonly Int32Array[];
  labels: Int32Array;
  /** A factor for each class in the cross-entropy; absent: all rows count alike. */
  classWeights?: Float32Array;
}
export interface Tuned {
  lora: Lora;
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

/**
 * Tunes an adapter and a softmax head together. The head begins at its solution on the frozen base, so the first step
 * already answers as well as that. Throws `DivergedError`, and when aborted.
 */
export async function tuneEncoder(
  encoder: Encoder,
  data: TuneData,
  start: LinearHead,
  settings: TuneSettings,
  hooks: Hooks,
): Promise<Tuned> {
  const lora = holdLora(createLora(encoder.config, settings.lora, settings.seed), encoder.config);
  const { inputs, classes } = start;
  const weights = variable(tensor2d(start.weights, [inputs, classes]));
  const bias = variable(tensor1d(start.bias));
  const { sequences, labels } = data;
  const lengths = sequences.map((ids) => ids.length);
  const loss = (rows: readonly number[], step: number): Scalar => {
    const own = Int32Array.from(rows, (row) => labels[row] as number);
    const random = generator(settings.seed * 31 + step);
    const batch = createBatch(
      rows.map((row) => augment(sequences[row] as Int32Array, settings.augmentation, random)),
    );
    const vectors = vectorsOf(encoder, batch, lora);
    const logits = add(matMul(vectors, weights as Tensor2D), bias as Tensor1D) as Tensor2D;
    const plain = crossEntropy(logits, own, settings.smoothing, data.classWeights);
    if (settings.contrastive === 0) return plain;
    const apart = supervisedContrastive(vectors, own, TEMPERATURE);
    return add(plain, mul(apart, settings.contrastive)) as Scalar;
  };
  const { batchSize, seed } = settings;
  try {
    const { losses } = await runLoop({
      ...settings,
      ...hooks,
      variables: [...lora.variables, weights, bias],
      scales: [...lora.variables.map(() => 1), settings.headRate, settings.headRate],
      batches: (epoch) =>
        settings.contrastive > 0
          ? pairedBatches(labels, batchSize, seed, epoch)
          : batchesOf(lengths, batchSize, seed, epoch),
      loss,
    });
    const head = {
      inputs,
      classes,
      weights: weights.dataSync().slice() as Float32Array,
      bias: bias.dataSync().slice() as Float32Array,
    };
    return { lora: lora.read(), head, losses };
  } finally {
    lora.dispose();
    dispose([weights, bias]);
  }
}

function vectorsOf(encoder: Encoder, batch: Batch, { difference }: HeldLora): Tensor2D {
  return pool(encoder.run(encoder.embed(batch), batch, { difference }), batch);
}

/** Unit-length vectors [hidden] of sequences under an adapter, in their order; like lengths are computed together. */
export function embedTuned(
  encoder: Encoder,
  sequences: readonly Int32Array[],
  lora: Lora,
  batchTokens = 2048,
): Float32Array[] {
  const held = holdLora(lora, encoder.config);
  const order = sequences.map((_, row) => row).sort((a, b) => lengthOf(a) - lengthOf(b));
  function lengthOf(row: number) {
    return (sequences[row] as Int32Array).length;
  }
  const out: Float32Array[] = new Array(sequences.length);
  for (let at = 0; at < order.length; ) {
    let end = at + 1;
    while (end < order.length && (end + 1 - at) * lengthOf(order[end] as number) <= batchTokens) end += 1;
    const rows = order.slice(at, end);
    let values = new Float32Array(0);
    tidy(() => {
      const batch = createBatch(rows.map((row) => sequences[row] as Int32Array));
      values = vectorsOf(encoder, batch, held).dataSync() as Float32Array<ArrayBuffer>;
    });
    const { hidden } = encoder.config;
    for (const [i, row] of rows.entries()) out[row] = values.slice(i * hidden, (i + 1) * hidden);
    at = end;
  }
  held.dispose();
  return out;
}
