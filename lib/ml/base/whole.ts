import { type Tensor, type Tensor2D, tensor, type Variable, variable } from "@tensorflow/tfjs-core";
import type { Encoder, Layer, Linear, LinearName } from "./encoder";
import { LORA_TARGETS, type Lora, type LoraTarget, sizesOf } from "./lora-shape";
import { truncate } from "./low-rank";

/**
 * All linear matrices of an encoder's layers as variables that begin at the encoder's own numbers. Biases and norms
 * stay as they are: tuned along, they moved nothing (Banking77 with 10 rows a class, 85.95 % with and without), and
 * what is tuned can be served as low-rank differences.
 */
export interface HeldWhole {
  layers: Layer[];
  /** By layer, each in the order of `PARTS`. */
  variables: Variable[];
  read(): Float32Array[];
  dispose(): void;
}

const PARTS = ["qkv", "out", "up", "down"] as const satisfies readonly LinearName[];
/** The part of a layer that a target lies in, and which of its columns, in widths of the target. */
const PLACES: Record<LoraTarget, readonly [part: LinearName, place: number]> = {
  query: ["qkv", 0],
  key: ["qkv", 1],
  value: ["qkv", 2],
  output: ["out", 0],
  up: ["up", 0],
  down: ["down", 0],
};

export function holdWhole(encoder: Encoder): HeldWhole {
  const variables: Variable[] = [];
  const layers = encoder.layers.map((layer): Layer => {
    const held = PARTS.map((part): [LinearName, Linear] => {
      const weights = variable(layer[part].weights);
      variables.push(weights);
      return [part, { weights: weights as Tensor as Tensor2D, bias: layer[part].bias }];
    });
    return { ...layer, ...Object.fromEntries(held) };
  });
  return {
    layers,
    variables,
    read: () => variables.map((one) => one.dataSync().slice() as Float32Array),
    dispose() {
      for (const one of variables) one.dispose();
    },
  };
}

/** The same with the numbers that a tuning gave, in the order of `read`. */
export function holdTuned(encoder: Encoder, weights: readonly Float32Array[]): HeldWhole {
  const held = holdWhole(encoder);
  for (const [i, one] of held.variables.entries()) {
    const next = tensor(weights[i] as Float32Array, one.shape);
    one.assign(next);
    next.dispose();
  }
  return held;
}

/** What a tuning changed in every linear matrix, as its strongest directions: an adapter of every target. */
export function differenceOf(encoder: Encoder, weights: readonly Float32Array[], rank: number): Lora {
  const { hidden, wide } = encoder.config;
  const pairs = encoder.layers.flatMap((layer, at) =>
    LORA_TARGETS.map((target) => {
      const [part, place] = PLACES[target];
      const [rows, columns] = sizesOf(target, hidden, wide);
      const { weights: base } = layer[part];
      const before = base.dataSync();
      const after = weights[at * PARTS.length + PARTS.indexOf(part)] as Float32Array;
      const joined = base.shape[1];
      const difference = Float32Array.from({ length: rows * columns }, (_, i) => {
        const from = Math.floor(i / columns) * joined + place * columns + (i % columns);
        return (after[from] as number) - (before[from] as number);
      });
      return { layer: at, target, ...truncate(difference, [rows, columns], rank) };
    }),
  );
  return { shape: { rank, alpha: rank, targets: LORA_TARGETS, fromLayer: 0 }, pairs };
}
