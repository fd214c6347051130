import { concat, matMul, mul, type Tensor2D, type Variable, zeros } from "@tensorflow/tfjs-core";
import type { Difference, LinearName } from "./encoder";
import type { EncoderConfig } from "./encoder-config";
import { type Lora, type LoraTarget, sizesOf } from "./lora-shape";
import { createVariable } from "./variable";

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
      a: createVariable(pair.a, [input, rank]) as Variable & Tensor2D,
      b: createVariable(pair.b, [rank, output]) as Variable & Tensor2D,
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
