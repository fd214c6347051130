import type { EncoderConfig } from "./encoder-config";
import { LORA_TARGETS, type Lora, type LoraTarget, sizesOf } from "./lora-shape";
import { truncate } from "./low-rank";

/**
 * What tuning a whole encoder changed in its linear matrices, as serving holds it: float32, by layer, each in the order
 * of `WHOLE_PARTS`, row-major [in, out]; query, key and value are side by side. 42 MB for MiniLM's six layers.
 */
export type Change = Float32Array;
export const WHOLE_PARTS = ["qkv", "out", "up", "down"] as const;

export type Sizes = Pick<EncoderConfig, "layers" | "hidden" | "wide">;
const sizeOfLayer = ({ hidden, wide }: Sizes) => 4 * hidden * hidden + 2 * hidden * wide;

/** Throws when the numbers are not as many as an encoder of that shape has. */
export function checkChange(change: Change, sizes: Sizes): void {
  if (change.length !== sizes.layers * sizeOfLayer(sizes))
    throw new Error("the tuned numbers are not as many as the base's matrices have");
}

/** A target's matrix in a change, element by element: [in, out] row-major. */
export function changeOfTarget(change: Change, layer: number, target: LoraTarget, sizes: Sizes) {
  const { hidden, wide } = sizes;
  const square = hidden * hidden;
  const [from, joined] = {
    query: [0, 3 * hidden] as const,
    key: [hidden, 3 * hidden] as const,
    value: [2 * hidden, 3 * hidden] as const,
    output: [3 * square, hidden] as const,
    up: [4 * square, wide] as const,
    down: [4 * square + hidden * wide, hidden] as const,
  }[target];
  const [rows, columns] = sizesOf(target, hidden, wide);
  const start = layer * sizeOfLayer(sizes) + from;
  const values = new Float32Array(rows * columns);
  for (let row = 0; row < rows; row++) {
    const at = start + row * joined;
    values.set(change.subarray(at, at + columns), row * columns);
  }
  return { values, rows, columns };
}

/** The strongest directions of a change: an adapter of every target. */
export function strongestOf(change: Change, sizes: Sizes, rank: number): Lora {
  checkChange(change, sizes);
  const layers = Array.from({ length: sizes.layers }, (_, layer) => layer);
  const pairs = layers.flatMap((layer) =>
    LORA_TARGETS.map((target) => {
      const { values, rows, columns } = changeOfTarget(change, layer, target, sizes);
      return { layer, target, ...truncate(values, [rows, columns], rank) };
    }),
  );
  return { shape: { rank, alpha: rank, targets: LORA_TARGETS, fromLayer: 0 }, pairs };
}
