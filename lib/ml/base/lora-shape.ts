import { z } from "zod";
import { normalGenerator } from "../linear/svm";
import type { EncoderConfig } from "./encoder-config";

/**
 * Low-rank adaptation (Hu et al. 2022): beside a frozen linear part, x·W + (alpha / rank) · x·A·B, with A [in, rank]
 * and B [rank, out]. B begins at zero, so an untrained adapter is the base itself.
 */
export const LORA_TARGETS = ["query", "key", "value", "output", "up", "down"] as const;
export type LoraTarget = (typeof LORA_TARGETS)[number];
/** Their names within a layer of a BERT encoder, as its weights have them. */
export const MODULES: Record<LoraTarget, string> = {
  query: "attention.self.query",
  key: "attention.self.key",
  value: "attention.self.value",
  output: "attention.output.dense",
  up: "intermediate.dense",
  down: "output.dense",
};
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
  const normal = normalGenerator(seed);
  const pairs: LoraPair[] = [];
  for (let layer = shape.fromLayer; layer < config.layers; layer++)
    for (const target of shape.targets) {
      const [input, output] = sizesOf(target, config.hidden, config.wide);
      const a = Float32Array.from({ length: input * shape.rank }, () => normal() / Math.sqrt(input));
      pairs.push({ layer, target, a, b: new Float32Array(shape.rank * output) });
    }
  return { shape, pairs };
}

export const findPair = ({ pairs }: Lora, layer: number, target: LoraTarget): LoraPair | null =>
  pairs.find((pair) => pair.layer === layer && pair.target === target) ?? null;

/** The adapter at strength 1 - a: W = a·W_base + (1 - a)·W_tuned is the difference scaled by 1 - a. */
export function scaleLora(lora: Lora, strength: number): Lora {
  return {
    shape: lora.shape,
    pairs: lora.pairs.map((pair) => ({ ...pair, b: pair.b.map((value) => value * strength) })),
  };
}

/** The adapter's first so many directions: of a truncated difference its strongest ones. */
export function narrowLora({ shape, pairs }: Lora, rank: number): Lora {
  const own = shape.rank;
  if (rank >= own) return { shape, pairs };
  return {
    shape: { ...shape, rank, alpha: (shape.alpha * rank) / own },
    pairs: pairs.map((pair) => ({
      ...pair,
      a: Float32Array.from(
        { length: (pair.a.length / own) * rank },
        (_, i) => pair.a[Math.floor(i / rank) * own + (i % rank)] as number,
      ),
      b: pair.b.slice(0, (pair.b.length / own) * rank),
    })),
  };
}

/** The same adapter with alpha = rank, its scale multiplied into B: what serving reads. */
export function foldScale(lora: Lora): Lora {
  const { rank, alpha } = lora.shape;
  return { ...scaleLora(lora, alpha / rank), shape: { ...lora.shape, alpha: rank } };
}

/** What a stored adapter needs beside its numbers; alpha is the rank, its scale lies in B. */
export const storedLoraSchema = z.object({
  rank: z.number().int().positive(),
  targets: z.array(z.enum(LORA_TARGETS)).min(1),
  layers: z.array(z.number().int().min(0)).min(1),
  /** Width of a layer's middle, where a target has it. */
  wide: z.number().int().positive().optional(),
});
type StoredLora = z.infer<typeof storedLoraSchema>;

export function shapeOf({ shape, pairs }: Lora): StoredLora {
  const up = pairs.find(({ target }) => target === "up");
  const down = pairs.find(({ target }) => target === "down");
  const middle = up?.b ?? down?.a;
  return {
    rank: shape.rank,
    targets: [...shape.targets],
    layers: [...new Set(pairs.map(({ layer }) => layer))],
    ...(middle && { wide: middle.length / shape.rank }),
  };
}

/** All matrices one behind the other: A before B, by layer, then by target. */
export function packLora({ pairs }: Lora): Float32Array {
  const parts = pairs.flatMap(({ a, b }) => [a, b]);
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** The adapter again. Throws when the numbers are not as many as its shape has. */
export function unpackLora(values: Float32Array, stored: StoredLora, hidden: number): Lora {
  const { rank, targets, layers, wide = 0 } = stored;
  let at = 0;
  const take = (size: number) => {
    at += size;
    return values.subarray(at - size, at);
  };
  const pairs = layers.flatMap((layer) =>
    targets.map((target): LoraPair => {
      const [input, output] = sizesOf(target, hidden, wide);
      return { layer, target, a: take(input * rank), b: take(rank * output) };
    }),
  );
  if (at !== values.length) throw new Error("the adapter's numbers are not as many as its shape has");
  return { shape: { rank, alpha: rank, targets, fromLayer: Math.min(...layers) }, pairs };
}
