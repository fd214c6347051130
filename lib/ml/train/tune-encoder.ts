import {
  abs,
  add,
  concat,
  dispose,
  matMul,
  mul,
  type Scalar,
  slice,
  sub,
  sum,
  type Tensor1D,
  type Tensor2D,
  type Variable,
} from "@tensorflow/tfjs-core";
import { createBatch, type Encoder, pool, type RunOptions } from "../base/encoder";
import { holdLora } from "../base/lora";
import { createLora, type Lora, type LoraShape } from "../base/lora-shape";
import { createVariable } from "../base/variable";
import { holdWhole } from "../base/whole";
import type { Change } from "../base/whole-shape";
import { type Augmentation, augment, type Neighbours } from "../data/augment";
import type { Objective } from "../linear/losses";
import type { LinearHead } from "../linear/softmax-head";
import { generator } from "../linear/svm";
import { batchesOf, pairedBatches, partsOf } from "./batches";
import { createPrefix } from "./frozen-prefix";
import { type Checkpoint, runLoop, type TuningSteps } from "./loop";
import { type ClassWeights, crossEntropy, lossOfObjective, supervisedContrastive, weightsOf } from "./losses";

/** Every hyperparameter of a tuning but what is tuned and by what loss, with its value. */
interface StepSettings extends TuningSteps {
  augmentation: Augmentation;
  seed: number;
}
export interface TuneSettings extends StepSettings {
  /** Share of the supervised contrastive loss beside the cross-entropy; 0 leaves it out. */
  contrastive: number;
  classWeights: ClassWeights;
  /** Weight moved from the right class to all others in the cross-entropy (Szegedy et al. 2016). */
  smoothing: number;
}
interface AdapterSettings extends StepSettings {
  lora: LoraShape;
}
export type LoraSettings = TuneSettings & AdapterSettings;
export interface TuneData {
  /** Token ids of each row, with special tokens. */
  sequences: readonly Int32Array[];
  labels: Int32Array;
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

/**
 * Tunes an adapter and a softmax head together. The head begins at its solution on the frozen base, so the first step
 * already answers as well as that. Throws `DivergedError`, and when aborted.
 */
export const tuneLora = (
  encoder: Encoder,
  data: TuneData,
  start: LinearHead,
  settings: LoraSettings,
  hooks: Hooks,
) => tuneAdapter(encoder, classesOf(data, start.classes, settings), start, settings, hooks);

/** The same for all linear matrices of the encoder; what they were changed by comes back. */
export async function tuneWhole(
  encoder: Encoder,
  data: TuneData,
  start: LinearHead,
  settings: TuneSettings,
  hooks: Hooks,
): Promise<Tuned & { change: Change }> {
  const held = holdWhole(encoder);
  const { layers, variables } = held;
  try {
    const part = { variables, options: { layers } };
    const tuned = await tune(encoder, part, classesOf(data, start.classes, settings), start, settings, hooks);
    return { ...tuned, change: held.read() };
  } finally {
    held.dispose();
  }
}

/** What is tuned, and how the encoder runs with it. */
interface Part {
  variables: readonly Variable[];
  options: RunOptions;
}

/** What is learnt: rows of one text or of two, and how wrong a batch of them is. */
interface Aim {
  /** Token ids of each row's texts. */
  texts: readonly (readonly Int32Array[])[];
  neighbours?: Neighbours | undefined;
  batches(epoch: number): readonly (readonly number[])[];
  /** So many rows that follow each other are taught together, wherever a batch is cut. */
  together?: number;
  /** From the head's outputs [rows, classes], and the vectors [rows, hidden] of the rows' first texts. */
  loss(outputs: Tensor2D, rows: readonly number[], vectors: Tensor2D): Scalar;
}

function classesOf(
  { sequences, labels, neighbours }: TuneData,
  classes: number,
  { batchSize, seed, contrastive, smoothing, classWeights }: TuneSettings,
): Aim {
  const lengths = sequences.map((ids) => ids.length);
  const weights = weightsOf(classWeights, labels, classes);
  return {
    texts: sequences.map((ids) => [ids]),
    neighbours,
    batches: (epoch) =>
      contrastive > 0
        ? pairedBatches(labels, lengths, batchSize, seed, epoch)
        : batchesOf(lengths, batchSize, seed, epoch),
    together: contrastive > 0 ? 2 : 1,
    loss(outputs, rows, vectors) {
      const own = Int32Array.from(rows, (row) => labels[row] as number);
      const plain = crossEntropy(outputs, own, smoothing, weights);
      if (contrastive === 0) return plain;
      return add(plain, mul(supervisedContrastive(vectors, own, TEMPERATURE), contrastive)) as Scalar;
    },
  };
}

/**
 * Tunes an adapter and a linear head on what an objective asks of each row; the head reads a text's vector, or
 * `pairFeatures` of two. Throws `DivergedError`, and when aborted.
 */
export function tuneObjective(
  encoder: Encoder,
  texts: readonly (readonly Int32Array[])[],
  objective: { of: Objective; rows: readonly number[] },
  start: LinearHead,
  settings: AdapterSettings,
  hooks: Hooks,
) {
  const lengths = texts.map((own) => Math.max(...own.map((ids) => ids.length)));
  const numbersOf = (rows: readonly number[]) => rows.map((row) => objective.rows[row] as number);
  const aim: Aim = {
    texts,
    batches: (epoch) => batchesOf(lengths, settings.batchSize, settings.seed, epoch),
    loss: (outputs, rows) => lossOfObjective(outputs, objective.of, numbersOf(rows)),
  };
  return tuneAdapter(encoder, aim, start, settings, hooks);
}

async function tuneAdapter(
  encoder: Encoder,
  aim: Aim,
  start: LinearHead,
  settings: AdapterSettings,
  hooks: Hooks,
): Promise<Tuned & { lora: Lora }> {
  const held = holdLora(createLora(encoder.config, settings.lora, settings.seed), encoder.config);
  const { difference, variables } = held;
  try {
    const part = { variables, options: { from: settings.lora.fromLayer, difference } };
    const tuned = await tune(encoder, part, aim, start, settings, hooks);
    return { ...tuned, lora: held.read() };
  } finally {
    held.dispose();
  }
}

/** |u - v|, u · v by component, and the cosine: as `sideBySide` in `recipes/dense-parts.ts`. */
function pairFeatures(u: Tensor2D, v: Tensor2D): Tensor2D {
  const product = mul(u, v);
  return concat([abs(sub(u, v)), product, sum(product, 1, true)], 1) as Tensor2D;
}

async function tune(
  encoder: Encoder,
  { variables: tuned, options }: Part,
  { texts, neighbours, batches, together, loss: lossOf }: Aim,
  start: LinearHead,
  settings: StepSettings,
  hooks: Hooks,
): Promise<Tuned> {
  const { inputs, classes } = start;
  const weights = createVariable(start.weights, [inputs, classes]);
  const bias = createVariable(start.bias, [classes]);
  /** Padded tokens of a row: of the longer text, as often as it has texts. */
  const lengths = texts.map((own) => own.length * Math.max(...own.map((ids) => ids.length)));
  const prefix = createPrefix(encoder, options.from ?? 0, texts.flat());
  const loss = (rows: readonly number[], step: number, part: number) => {
    const random = generator(settings.seed * 31 + step + part * 1_000_003);
    const read = (place: number) =>
      rows.map((row) =>
        augment(texts[row]?.[place] as Int32Array, settings.augmentation, random, neighbours),
      );
    const isPair = texts[0]?.length === 2;
    const sequences = isPair ? [...read(0), ...read(1)] : read(0);
    const batch = createBatch(sequences);
    const below = prefix(sequences, batch);
    return () => {
      const all = pool(encoder.run(below, batch, options), batch);
      const half = (from: number) => slice(all, [from, 0], [rows.length, -1]);
      const vectors = isPair ? half(0) : all;
      const features = isPair ? pairFeatures(vectors, half(rows.length)) : all;
      const outputs = add(matMul(features, weights as Tensor2D), bias as Tensor1D) as Tensor2D;
      return lossOf(outputs, rows, vectors);
    };
  };
  try {
    const { losses } = await runLoop({
      ...settings,
      ...hooks,
      variables: [...tuned, weights, bias],
      scales: [...tuned.map(() => 1), settings.headRate, settings.headRate],
      batches,
      parts: (rows) => partsOf(rows, lengths, together),
      loss,
    });
    const values = (one: Variable) => one.dataSync().slice() as Float32Array;
    return { head: { inputs, classes, weights: values(weights), bias: values(bias) }, losses };
  } finally {
    dispose([weights, bias]);
  }
}
