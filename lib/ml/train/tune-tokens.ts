import {
  add,
  concat,
  dispose,
  matMul,
  type Scalar,
  type Tensor1D,
  type Tensor2D,
  tensor2d,
  tidy,
  type Variable,
} from "@tensorflow/tfjs-core";
import { type Batch, createBatch, type Encoder } from "../base/encoder";
import { lengthBatches } from "../base/length-batches";
import { holdLora } from "../base/lora";
import { createLora, type Lora, type LoraShape } from "../base/lora-shape";
import { createVariable } from "../base/variable";
import { gatherWords, type Window } from "../base/windows";
import type { LinearHead } from "../linear/softmax-head";
import { batchesOf, partsOf } from "./batches";
import { createPrefix } from "./frozen-prefix";
import { type Checkpoint, orSlower, runLoop, type TuningSteps } from "./loop";

export interface TokenSettings extends TuningSteps {
  lora: LoraShape;
  /** Layers that are run: a token's vector is what the last of them gives. */
  layers: number;
  seed: number;
}
export interface TokenData {
  /** Token ids of each row, with special tokens. */
  sequences: readonly Int32Array[];
  /** [tokens, columns] row-major of each row: what the head reads beside a token's vector. */
  extra: readonly Float32Array[];
  columns: number;
  /** The loss of a batch from its tokens' logits [rows·tokens, classes], padding among them. */
  loss(logits: Tensor2D, rows: readonly number[], batch: Batch): Scalar;
}
interface Hooks {
  signal: AbortSignal;
  /** Where a fit with these settings goes on from after an interruption. */
  checkpoint(settings: TokenSettings): Checkpoint;
  /** Hears the rate that is tuned at. */
  onRate(rate: number): void;
  onStep(step: number, steps: number): void;
}
/** Padded tokens of one forward pass that only answers. */
const BATCH_TOKENS = 2048;

/** As `tuneOnce`, and once more slowly where that diverges. */
export const tuneTokens: typeof tuneOnce = (encoder, data, start, settings, hooks) =>
  orSlower(settings, (own) => {
    hooks.onRate(own.rate);
    return tuneOnce(encoder, data, start, own, hooks);
  });

/**
 * Tunes an adapter and a linear head over every token's hidden state together. The head reads
 * [hidden state, extra columns] and begins where `start` is. Throws `DivergedError`, and when aborted.
 */
async function tuneOnce(
  encoder: Encoder,
  data: TokenData,
  start: LinearHead,
  settings: TokenSettings,
  hooks: Hooks,
): Promise<{ head: LinearHead; lora: Lora; losses: number[] }> {
  // Layers above are not run, so nothing could be learnt for them.
  const run = { ...encoder.config, layers: settings.layers };
  const held = holdLora(createLora(run, settings.lora, settings.seed), encoder.config);
  const { inputs, classes } = start;
  const weights = createVariable(start.weights, [inputs, classes]);
  const bias = createVariable(start.bias, [classes]);
  const lengths = data.sequences.map((ids) => ids.length);
  const { fromLayer: from } = settings.lora;
  const prefix = createPrefix(encoder, from, data.sequences);
  try {
    const { losses } = await runLoop({
      ...settings,
      signal: hooks.signal,
      checkpoint: hooks.checkpoint(settings),
      onStep: hooks.onStep,
      variables: [...held.variables, weights, bias],
      scales: [...held.variables.map(() => 1), settings.headRate, settings.headRate],
      batches: (epoch) => batchesOf(lengths, settings.batchSize, settings.seed, epoch),
      parts: (rows) => partsOf(rows, lengths),
      loss(rows) {
        const sequences = rows.map((row) => data.sequences[row] as Int32Array);
        const batch = createBatch(sequences);
        const below = prefix(sequences, batch);
        return () => {
          const x = encoder.run(below, batch, { from, to: settings.layers, difference: held.difference });
          const read = concat([x, padExtra(data, rows, batch.tokens)], 1) as Tensor2D;
          const logits = add(matMul(read, weights as Tensor2D), bias as Tensor1D) as Tensor2D;
          return data.loss(logits, rows, batch);
        };
      },
    });
    const values = (one: Variable) => one.dataSync().slice() as Float32Array;
    return {
      head: { inputs, classes, weights: values(weights), bias: values(bias) },
      lora: held.read(),
      losses,
    };
  } finally {
    held.dispose();
    dispose([weights, bias]);
  }
}

/** The extra columns of a batch, [rows·tokens, columns], zero where rows are padded. */
function padExtra({ extra, columns }: TokenData, rows: readonly number[], tokens: number): Tensor2D {
  const out = new Float32Array(rows.length * tokens * columns);
  for (const [i, row] of rows.entries()) out.set(extra[row] as Float32Array, i * tokens * columns);
  return tensor2d(out, [rows.length * tokens, columns]);
}

/** Of each text its words' vectors [words, hidden] under an adapter after so many layers. */
export function readWords(
  encoder: Encoder,
  texts: readonly { windows: readonly Window[] }[],
  lora: Lora,
  layers: number,
): Float32Array[] {
  const windows = texts.flatMap((text) => text.windows);
  const states = readTokens(
    encoder,
    windows.map(({ ids }) => ids),
    lora,
    layers,
  );
  let used = 0;
  return texts.map(({ windows: own }) => {
    used += own.length;
    return gatherWords(own, states.slice(used - own.length, used), encoder.config.hidden);
  });
}

/** Hidden states [tokens, hidden] of sequences under an adapter after so many layers, in their order. */
function readTokens(
  encoder: Encoder,
  sequences: readonly Int32Array[],
  lora: Lora,
  layers: number,
): Float32Array[] {
  const held = holdLora(lora, encoder.config);
  const { hidden } = encoder.config;
  const lengthOf = (row: number) => (sequences[row] as Int32Array).length;
  const lengths = sequences.map((ids) => ids.length);
  const out: Float32Array[] = new Array(sequences.length);
  for (const rows of lengthBatches(lengths, BATCH_TOKENS)) {
    let values = new Float32Array(0);
    const longest = lengthOf(rows.at(-1) as number);
    tidy(() => {
      const batch = createBatch(rows.map((row) => sequences[row] as Int32Array));
      const options = { difference: held.difference, to: layers };
      values = encoder.run(encoder.embed(batch), batch, options).dataSync() as Float32Array<ArrayBuffer>;
    });
    for (const [i, row] of rows.entries()) {
      const from = i * longest * hidden;
      out[row] = values.slice(from, from + lengthOf(row) * hidden);
    }
  }
  held.dispose();
  return out;
}
