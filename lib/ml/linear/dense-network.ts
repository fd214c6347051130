import type { Dense } from "./matrix";
import { denseLogits, type LinearHead } from "./softmax-head";

/** Dense layers one on the other, in plain arithmetic: serving holds no TensorFlow. One layer is a linear head. */
export const ACTIVATIONS = ["relu", "tanh", "sigmoid"] as const;
export type Activation = (typeof ACTIVATIONS)[number];

export interface DenseNetwork {
  /** The last one gives the logits. */
  layers: readonly LinearHead[];
  /** Between two layers. */
  activation: Activation;
}

const ACTIVATE: Record<Activation, (x: number) => number> = {
  relu: (x) => Math.max(0, x),
  tanh: Math.tanh,
  sigmoid: (x) => 1 / (1 + Math.exp(-x)),
};

/** Logits [rows, classes] of rows [rows, inputs]. */
export function networkLogits({ layers, activation }: DenseNetwork, x: Dense): Float32Array {
  const last = layers.at(-1);
  if (!last) throw new Error("a network without layers");
  const top = layers.slice(0, -1).reduce<Dense>(
    (below, layer) => ({
      rows: below.rows,
      columns: layer.classes,
      values: denseLogits(layer, below).map(ACTIVATE[activation]),
    }),
    x,
  );
  return denseLogits(last, top);
}
