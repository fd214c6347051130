import type { Graph } from "./onnx-writer";
import type { Tensor } from "./safetensors";

/**
 * Activations are unsigned around it and weights signed, which the fast kernels take: unsigned weights came out at 1.2
 * to 1.3 times float32's speed instead of 1.8 to 2.3. CPUs without VNNI may saturate there; what a model loses by that
 * is in its own measure, if it is trained on the kind of CPU that serves it.
 */
const ZERO = 128;
const MOST = 127;

/**
 * Gives what adds x · Wᵀ in int8 to a graph: x float32 [batch, tokens, in], W float32 [out, in], the product float32
 * [batch, tokens, out]. Each token has a scale of its own and each output of W has one (LLM.int8's vector-wise
 * quantisation, Dettmers et al. 2022). With one scale for all of x, as ONNX's DynamicQuantizeLinear has it, an answer
 * would depend on whose rows share its batch.
 */
export function addInt8Linear(graph: Graph): (x: string, name: string, weight: Tensor) => string {
  const scalar = (label: string, value: number) => graph.floats(label, [], Float32Array.of(value));
  const zero = graph.bytes("int8_zero", [], Uint8Array.of(ZERO));
  const unit = scalar("int8_unit", 1);
  const step = scalar("int8_step", 1 / MOST);
  // A cast cuts off, so half more rounds to the nearest.
  const middle = scalar("int8_middle", ZERO + 0.5);
  // A token of nothing but zeros must not be divided by zero.
  const least = scalar("int8_least", 1e-9);
  /** Query, key and value read the same x. */
  const known = new Map<string, { values: string; scale: string }>();

  function quantise(x: string) {
    const largest = graph.node("ReduceMax", [graph.node("Abs", [x])], { axes: [-1], keepdims: 1 });
    const scale = graph.node("Mul", [graph.node("Max", [largest, least]), step]);
    const moved = graph.node("Add", [graph.node("Div", [x, scale]), middle]);
    return { values: graph.node("Cast", [moved], { to: 2 }), scale };
  }

  return (x, name, weight) => {
    const { values, scale } = known.get(x) ?? quantise(x);
    known.set(x, { values, scale });
    const { shape, bytes, scales } = quantiseWeight(weight);
    const product = graph.node("Contrib:MatMulIntegerToFloat", [
      values,
      graph.bytes(`${name}.int8`, shape, bytes),
      unit,
      graph.floats(`${name}.scale`, [scales.length], scales),
      zero,
    ]);
    return graph.node("Mul", [product, scale]);
  };
}

/** [out, in] -> int8 [in, out], and a scale for each output. */
function quantiseWeight({ shape: [outputs = 0, inputs = 0], values }: Tensor) {
  const bytes = new Int8Array(inputs * outputs);
  const scales = new Float32Array(outputs);
  for (let o = 0; o < outputs; o++) {
    const row = values.subarray(o * inputs, (o + 1) * inputs);
    const scale = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / MOST || 1;
    scales[o] = scale;
    for (const [i, value] of row.entries()) bytes[i * outputs + o] = Math.round(value / scale);
  }
  return { shape: [inputs, outputs], bytes, scales };
}
