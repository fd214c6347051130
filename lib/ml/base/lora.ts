import {
  concat,
  matMul,
  mul,
  type Tensor2D,
  tensor2d,
  type Variable,
  variable,
  zeros,
} from "@tensorflow/tfjs-core";
import { generator } from "../linear/svm";
import type { Difference, EncoderConfig, LinearName } from "./encoder";

/**
 * Low-rank adaptation (Hu et al. 2022): beside a frozen linear part, x·W + (alpha / rank) · x·A·B, with A [in, rank]
 * and B [rank, out]. B begins at zero, so an untrained adapter is the base itself.
 */
export const LORA_TARGETS = ["query", "key", "value", "output", "up", "down"] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];
export interface LoraShape {
  rank: number;
  alpha: number;
  targets: readonly LoraTarget[];
  /** The first layer that is adapted; those below stay the base's, so their outputs can be kept. */
  fromLayer: number;
}
/** One pair of matrices on the host; the wire form of an adapter. */
export interface LoraPair {
  layer: number;
  target: LoraTarget;
  a: Float32Array;
  b: Float32Array;
}
export interface Lora {
  shape: LoraShape;
  pairs: LoraPair[];
}

/** Inputs and outputs of a target's matrix. */
export function sizesOf(target: LoraTarget, hidden: number, wide: number): [input: number, output: number] {
  if (target === "up") return [hidden, wide];
  if (target === "down") return [wide, hidden];
  return [hidden, hidden];
}

/** A new adapter: A normal with deviation 1/√in, B zero. */
export function createLora(config: EncoderConfig, shape: LoraShape, seed: number): Lora {
  const random = generator(seed);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const pairs: LoraPair[] = [];
  for (let layer = shape.fromLayer; layer < config.layers; layer++)
    for (const target of shape.targets) {
      const [input, output] = sizesOf(target, config.hidden, config.wide);
      const a = Float32Array.from({ length: input * shape.rank }, () => normal() / Math.sqrt(input));
      pairs.push({ layer, target, a, b: new Float32Array(shape.rank * output) });
    }
  return { shape, pairs };
}

/** An adapter on the backend, its matrices as variables. */
export interface HeldLora {
  difference: Difference;
  /** In the order of `pairs`, A before B. */
  variables: Variable[];
  read(): Lora;
  dispose(): void;
}

const JOINED: readonly LoraTarget[] = ["query", "key", "value"];
const PARTS: Record<Exclude<LoraTarget, "query" | "key" | "value">, LinearName> = {
  output: "out",
  up: "up",
  down: "down",
};

export function holdLora(lora: Lora, config: EncoderConfig): HeldLora {
  const { rank, alpha } = lora.shape;
  const scale = alpha / rank;
  const held = lora.pairs.map((pair) => {
    const [input, output] = sizesOf(pair.target, config.hidden, config.wide);
    return {
      ...pair,
      a: variable(tensor2d(pair.a, [input, rank])) as Variable & Tensor2D,
      b: variable(tensor2d(pair.b, [rank, output])) as Variable & Tensor2D,
    };
  });
  const find = (layer: number, target: LoraTarget) =>
    held.find((one) => one.layer === layer && one.target === target);
  const none = zeros([rank, config.hidden]) as Tensor2D;

  /** The three projections share one product: their A side by side, their B along a diagonal. */
  function joined(layer: number, x: Tensor2D): Tensor2D | null {
    const found = JOINED.flatMap((target, place) => {
      const pair = find(layer, target);
      return pair ? [{ pair, place }] : [];
    });
    if (found.length === 0) return null;
    const a = concat(
      found.map(({ pair }) => pair.a as Tensor2D),
      1,
    ) as Tensor2D;
    const rows = found.map(({ pair, place }) =>
      concat(
        JOINED.map((_, i) => (i === place ? (pair.b as Tensor2D) : none)),
        1,
      ),
    );
    return mul(matMul(matMul(x, a), concat(rows, 0) as Tensor2D), scale) as Tensor2D;
  }

  return {
    difference(layer, part, x) {
      if (part === "qkv") return joined(layer, x);
      const pair = held.find((one) => one.layer === layer && PARTS[one.target as "up"] === part);
      return pair
        ? (mul(matMul(matMul(x, pair.a as Tensor2D), pair.b as Tensor2D), scale) as Tensor2D)
        : null;
    },
    variables: held.flatMap(({ a, b }) => [a, b]),
    read: () => ({
      shape: lora.shape,
      pairs: held.map(({ layer, target, a, b }) => ({
        layer,
        target,
        a: a.dataSync().slice() as Float32Array,
        b: b.dataSync().slice() as Float32Array,
      })),
    }),
    dispose() {
      none.dispose();
      for (const { a, b } of held) {
        a.dispose();
        b.dispose();
      }
    },
  };
}

/** The adapter at strength 1 - a: W = a·W_base + (1 - a)·W_tuned is the difference scaled by 1 - a. */
export function scaleLora(lora: Lora, strength: number): Lora {
  return {
    shape: lora.shape,
    pairs: lora.pairs.map((pair) => ({ ...pair, b: pair.b.map((value) => value * strength) })),
  };
}
