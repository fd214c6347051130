import { join } from "node:path";
import {
  add,
  div,
  gather,
  norm as lengthOf,
  matMul,
  mul,
  reshape,
  slice,
  sum,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
  type Tensor4D,
  tensor,
  tensor1d,
  tensor2d,
  tidy,
} from "@tensorflow/tfjs-core";
import { type EncoderConfig, readEncoderConfig } from "./encoder-config";
import { addAndNormalise, gelu, type Norm, selfAttention } from "./fused";
import { readSafetensors, type Tensor as Stored } from "./safetensors";

/**
 * A BERT-family encoder (Devlin et al. 2019) in TensorFlow.js, read from `config.json` and `model.safetensors`, for
 * training. Serving runs the same weights in ONNX Runtime; both agree within 1e-5 (`encoder.served.test.ts`).
 */

export interface Linear {
  /** [in, out]. */
  weights: Tensor2D;
  bias: Tensor1D;
}
export interface Layer {
  /** Query, key and value side by side: [hidden, 3·hidden]. */
  qkv: Linear;
  out: Linear;
  norm: Norm;
  up: Linear;
  down: Linear;
  lastNorm: Norm;
}
/** Where a low-rank difference is added; the names are those of a layer's linear parts. */
export type LinearName = "qkv" | "out" | "up" | "down";
/** What is added to `x · weights` of a linear part, [n, in] -> [n, out]; null adds nothing. */
export type Difference = (layer: number, part: LinearName, x: Tensor2D) => Tensor2D | null;

/** Sequences of one padded length on the backend. */
export interface Batch {
  rows: number;
  tokens: number;
  ids: Tensor1D;
  /** 1 for a real token, 0 for padding: [rows, tokens, 1]. */
  real: Tensor3D;
  /** 0 for a real token, far below zero for padding: [rows, 1, 1, tokens]. */
  bias: Tensor4D;
  dispose(): void;
}

export interface Encoder {
  config: EncoderConfig;
  layers: Layer[];
  /** Word embeddings: [vocabulary, hidden]. */
  words: Tensor2D;
  /** Word, position and type embeddings, normalised: [rows·tokens, hidden]. Never trained. */
  embed(batch: Batch): Tensor2D;
  /** Through layers `from` to the last. */
  run(x: Tensor2D, batch: Batch, options?: RunOptions): Tensor2D;
  dispose(): void;
}
export interface RunOptions {
  from?: number;
  to?: number;
  difference?: Difference;
  /** Instead of the encoder's own: the same shapes, other numbers. */
  layers?: readonly Layer[];
}

const FAR = -1e9;

/** Pads sequences to the longest one. The caller disposes it. */
export function createBatch(sequences: readonly Int32Array[]): Batch {
  const rows = sequences.length;
  const tokens = Math.max(...sequences.map((ids) => ids.length));
  const ids = new Int32Array(rows * tokens);
  const real = new Float32Array(rows * tokens);
  for (const [row, sequence] of sequences.entries()) {
    ids.set(sequence, row * tokens);
    real.fill(1, row * tokens, row * tokens + sequence.length);
  }
  const held = [
    tensor1d(ids, "int32"),
    tensor(real, [rows, tokens, 1]) as Tensor3D,
    tensor(
      real.map((one) => (one ? 0 : FAR)),
      [rows, 1, 1, tokens],
    ) as Tensor4D,
  ] as const;
  return {
    rows,
    tokens,
    ids: held[0],
    real: held[1],
    bias: held[2],
    dispose: () => {
      for (const one of held) one.dispose();
    },
  };
}

/** The mean over real tokens, unit length (Reimers & Gurevych 2019): [rows·tokens, hidden] -> [rows, hidden]. */
export function pool(x: Tensor2D, batch: Batch): Tensor2D {
  const hidden = x.shape[1] as number;
  const summed = sum(mul(reshape(x, [batch.rows, batch.tokens, hidden]), batch.real), 1) as Tensor2D;
  // The count cancels: the mean and the sum have the same direction.
  return div(summed, lengthOf(summed, "euclidean", 1, true)) as Tensor2D;
}

/** Opens an encoder on the current backend. Throws on another architecture or a missing tensor. */
export async function openEncoder(dir: string): Promise<Encoder> {
  const config = await readEncoderConfig(dir);
  const stored = await readSafetensors(join(dir, "model.safetensors"));
  const take = (name: string): Stored => {
    const found = stored.get(name) ?? stored.get(`bert.${name}`);
    if (!found) throw new Error(`the weights in ${dir} have no tensor ${name}`);
    return found;
  };
  const flat = (name: string) => tensor1d(take(name).values);
  const normOf = (name: string): Norm => ({ gamma: flat(`${name}.weight`), beta: flat(`${name}.bias`) });
  const linear = (...names: string[]): Linear => ({
    weights: joinTransposed(names.map((name) => take(`${name}.weight`))),
    bias: tensor1d(joinFlat(names.map((name) => take(`${name}.bias`).values))),
  });
  const layers = Array.from({ length: config.layers }, (_, i): Layer => {
    const at = `encoder.layer.${i}`;
    const self = `${at}.attention.self`;
    return {
      qkv: linear(`${self}.query`, `${self}.key`, `${self}.value`),
      out: linear(`${at}.attention.output.dense`),
      norm: normOf(`${at}.attention.output.LayerNorm`),
      up: linear(`${at}.intermediate.dense`),
      down: linear(`${at}.output.dense`),
      lastNorm: normOf(`${at}.output.LayerNorm`),
    };
  });
  const table = (name: string) => {
    const { values, shape } = take(`embeddings.${name}_embeddings.weight`);
    return tensor2d(values, shape as [number, number]);
  };
  const [words, positions] = [table("word"), table("position")];
  // One sequence, so every token has type 0.
  const kind = tensor1d(take("embeddings.token_type_embeddings.weight").values.slice(0, config.hidden));
  const first = normOf("embeddings.LayerNorm");
  return {
    config,
    layers,
    words,
    embed: (batch) =>
      tidy(() => {
        const { rows, tokens } = batch;
        const places = add(slice(positions, [0, 0], [tokens, config.hidden]), kind);
        // Multiplied by zero, the mask is only a shape to spread the places over the rows.
        const spread = add(reshape(places, [1, tokens, config.hidden]), mul(batch.real, 0));
        const found = gather(words, batch.ids) as Tensor2D;
        const flatPlaces = reshape(spread, [rows * tokens, config.hidden]) as Tensor2D;
        return addAndNormalise(found, flatPlaces, first, config.epsilon);
      }),
    run(x, batch, options = {}) {
      let out = x;
      for (let i = options.from ?? 0; i < (options.to ?? config.layers); i++)
        out = runLayer(out, (options.layers ?? layers)[i] as Layer, i, batch, config, options);
      return out;
    },
    dispose() {
      for (const one of [words, positions, kind, first.gamma, first.beta]) one.dispose();
      for (const layer of layers) for (const one of tensorsOf(layer)) one.dispose();
    },
  };
}

function runLayer(
  x: Tensor2D,
  layer: Layer,
  index: number,
  batch: Batch,
  { heads, epsilon }: EncoderConfig,
  { difference }: RunOptions,
): Tensor2D {
  const apply = (part: LinearName, input: Tensor2D): Tensor2D => {
    const { weights, bias } = layer[part];
    const plain = add(matMul(input, weights), bias) as Tensor2D;
    const extra = difference?.(index, part, input) ?? null;
    return extra ? add(plain, extra) : plain;
  };
  const mixed = apply("out", selfAttention(apply("qkv", x), batch.bias, heads));
  const middle = addAndNormalise(x, mixed, layer.norm, epsilon);
  const narrow = apply("down", gelu(apply("up", middle)));
  return addAndNormalise(middle, narrow, layer.lastNorm, epsilon);
}

/** Every tensor of a layer. */
const tensorsOf = (layer: Layer) => [
  ...[layer.qkv, layer.out, layer.up, layer.down].flatMap(({ weights, bias }) => [weights, bias]),
  ...[layer.norm, layer.lastNorm].flatMap(({ gamma, beta }) => [gamma, beta]),
];

function joinFlat(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Matrices [out, in] side by side as one [in, Σ out]. */
function joinTransposed(parts: readonly Stored[]): Tensor2D {
  const [, rows = 0] = parts[0]?.shape ?? [];
  const columns = parts.reduce((total, { shape }) => total + (shape[0] ?? 0), 0);
  const out = new Float32Array(rows * columns);
  let offset = 0;
  for (const { shape, values } of parts) {
    const width = shape[0] ?? 0;
    for (let o = 0; o < width; o++)
      for (let i = 0; i < rows; i++) out[i * columns + offset + o] = values[o * rows + i] as number;
    offset += width;
  }
  return tensor2d(out, [rows, columns]);
}
