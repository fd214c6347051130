import type { Lora } from "../base/lora-shape";
import type { Tensor } from "../base/safetensors";
import { MODULES } from "./peft";

/**
 * The base's tensors with an adapter inside: W + (A·B)ᵀ for weights [out, in] and a scale that lies in B already (Hu et
 * al. 2022, section 4.1: no latency is added). Only what is changed is copied. Throws when a weight is missing.
 */
export function mergeLora(tensors: ReadonlyMap<string, Tensor>, lora: Lora): Map<string, Tensor> {
  const merged = new Map(tensors);
  const { rank } = lora.shape;
  for (const { layer, target, a, b } of lora.pairs) {
    const short = `encoder.layer.${layer}.${MODULES[target]}.weight`;
    const name = tensors.has(short) ? short : `bert.${short}`;
    const found = tensors.get(name);
    if (!found) throw new Error(`the weights have no tensor ${short}`);
    const [output = 0, input = 0] = found.shape;
    const values = found.values.slice();
    for (let o = 0; o < output; o++)
      for (let i = 0; i < input; i++) {
        let sum = 0;
        for (let r = 0; r < rank; r++) sum += (a[i * rank + r] as number) * (b[r * output + o] as number);
        values[o * input + i] = (values[o * input + i] as number) + sum;
      }
    merged.set(name, { shape: found.shape, values });
  }
  return merged;
}
