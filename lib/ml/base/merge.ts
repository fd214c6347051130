import { LORA_TARGETS, type Lora, type LoraTarget, MODULES } from "./lora-shape";
import type { Tensor } from "./safetensors";
import { type Change, changeOfTarget, checkChange, type Sizes } from "./whole-shape";

type Tensors = ReadonlyMap<string, Tensor>;

/**
 * The base's tensors with an adapter inside: W + (A·B)ᵀ for weights [out, in] and a scale that lies in B already (Hu et
 * al. 2022, section 4.1: no latency is added). Only what is changed is copied. Throws when a weight is missing.
 */
export function mergeLora(tensors: Tensors, lora: Lora): Map<string, Tensor> {
  const merged = new Map(tensors);
  const { rank } = lora.shape;
  for (const { layer, target, a, b } of lora.pairs) {
    const { name, shape, values } = copyOf(tensors, layer, target);
    const [output = 0, input = 0] = shape;
    for (let o = 0; o < output; o++)
      for (let i = 0; i < input; i++) {
        let sum = 0;
        for (let r = 0; r < rank; r++) sum += (a[i * rank + r] as number) * (b[r * output + o] as number);
        values[o * input + i] = (values[o * input + i] as number) + sum;
      }
    merged.set(name, { shape, values });
  }
  return merged;
}

/** The same for a whole tuned base: W + Cᵀ. */
export function mergeChange(tensors: Tensors, change: Change, sizes: Sizes): Map<string, Tensor> {
  checkChange(change, sizes);
  const merged = new Map(tensors);
  for (let layer = 0; layer < sizes.layers; layer++)
    for (const target of LORA_TARGETS) {
      const { name, shape, values } = copyOf(tensors, layer, target);
      const { values: own, rows, columns } = changeOfTarget(change, layer, target, sizes);
      for (let o = 0; o < columns; o++)
        for (let i = 0; i < rows; i++)
          values[o * rows + i] = (values[o * rows + i] as number) + (own[i * columns + o] as number);
      merged.set(name, { shape, values });
    }
  return merged;
}

function copyOf(tensors: Tensors, layer: number, target: LoraTarget) {
  const short = `encoder.layer.${layer}.${MODULES[target]}.weight`;
  const name = tensors.has(short) ? short : `bert.${short}`;
  const found = tensors.get(name);
  if (!found) throw new Error(`the weights have no tensor ${short}`);
  return { name, shape: found.shape, values: found.values.slice() };
}
