import { createWriteStream } from "node:fs";
import { readFile, rename } from "node:fs/promises";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { PRECISIONS, type Precision } from "../contract";
import { readEncoderConfig } from "./encoder-config";
import { addInt8Linear } from "./int8-linear";
import { LORA_TARGETS, type LoraTarget, sizesOf } from "./lora-shape";
import { mergeChange } from "./merge";
import { createGraph, type Graph } from "./onnx-writer";
import { readSafetensors, type Tensor, transpose } from "./safetensors";
import type { Change } from "./whole-shape";

interface BertConfig {
  model_type: string;
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  hidden_act: string;
  layer_norm_eps: number;
}
/** LayerNormalization came with 17; ReduceL2 still takes its axes as an attribute there. */
const OPSET = 17;

/**
 * The base alone, and with an adapter's matrices as inputs: of the parts that the `lora` recipe tunes, and of every
 * linear part. What a graph does not adapt costs nothing, so the narrowest that fits a batch answers it.
 */
export const GRAPHS = [
  { float32: "model.onnx", int8: "model.int8.onnx", targets: [] },
  { float32: "model.lora.onnx", int8: "model.lora.int8.onnx", targets: ["query", "value"] },
  { float32: "model.full.onnx", int8: "model.full.int8.onnx", targets: LORA_TARGETS },
] as const satisfies (Record<Precision, string> & { targets: readonly LoraTarget[] })[];
/** The parts of a layer that the cheapest served adapters change. */
export const NARROW_TARGETS = GRAPHS[1].targets;

/**
 * Layers below a token's vector. The last two of a sentence encoder are bent to the mean that they were trained for:
 * entities of WNUT17 under a frozen base of six layers, F1 35.7 after the fourth, 32.9 after the fifth, 31.8 at the end.
 */
export const tokenLayers = (layers: number): number => Math.max(1, layers - 2);

/** Names of the inputs that hold one pair of an adapter's matrices. */
export const pairInputs = (layer: number, target: LoraTarget) =>
  [`lora_a.${layer}.${target}`, `lora_b.${layer}.${target}`] as const;

/**
 * Writes the graphs beside `config.json` and `model.safetensors` of a BERT-family encoder (Devlin et al. 2019):
 * input_ids, attention_mask int64 [batch, tokens] -> `embedding` float32 [batch, hidden], the mean over real tokens
 * (Reimers & Gurevych 2019), unit length, and `tokens` float32 [batch, tokens, hidden], what `tokenLayers` give: asked
 * for by name, so sentences alone do not pay for it. An adapted one also takes, for each layer and target, A float32
 * [rows, in, rank] and B [rows, rank, out] with rows = batch, or 1 for all alike (Hu et al. 2022; the scale
 * alpha / rank is already in B). Each is written in both precisions; adapters' products are float32 in both. Throws on another architecture or a missing tensor.
 */
export async function writeBaseGraph(dir: string): Promise<void> {
  const { config, tensors } = await readBert(dir);
  for (const { targets, ...files } of GRAPHS)
    for (const precision of PRECISIONS) {
      const graph = createGraph("bert");
      addEncoder(graph, config, tensors, targets, ["tokens", "embedding"], precision);
      graph.output("tokens", ["batch", "tokens", config.hidden_size]);
      graph.output("embedding", ["batch", config.hidden_size]);
      await writeGraph(graph, join(dir, files[precision]));
    }
}

/** The graph of a base with a whole tuning inside, to be opened as it is: of sentences alone, and without adapters. */
export async function changedGraph(dir: string, change: Change, precision: Precision): Promise<Uint8Array> {
  const { config, tensors } = await readBert(dir);
  const graph = createGraph("bert");
  const changed = mergeChange(tensors, change, await readEncoderConfig(dir));
  addEncoder(graph, config, changed, [], ["embedding"], precision);
  graph.output("embedding", ["batch", config.hidden_size]);
  return Buffer.concat(graph.chunks(OPSET));
}

/** Config and weights of an encoder's folder. Throws on another architecture. */
export async function readBert(dir: string): Promise<{ config: BertConfig; tensors: Map<string, Tensor> }> {
  const config = JSON.parse(await readFile(join(dir, "config.json"), "utf8")) as BertConfig;
  if (config.model_type !== "bert" || config.hidden_act !== "gelu")
    throw new Error(`${dir}: only BERT encoders with gelu can be written, not ${config.model_type}`);
  return { config, tensors: await readSafetensors(join(dir, "model.safetensors")) };
}

/** Whole or not at all. */
export async function writeGraph(graph: Graph, path: string): Promise<void> {
  const chunks = Readable.from(graph.chunks(OPSET), { objectMode: false });
  await pipeline(chunks, createWriteStream(`${path}.part`));
  await rename(`${path}.part`, path);
}

/** Adds inputs, the layers that are needed, and what is asked for of `embedding` and `tokens`, as values of those names. */
export function addEncoder(
  graph: Graph,
  config: BertConfig,
  tensors: ReadonlyMap<string, Tensor>,
  targets: readonly LoraTarget[],
  gives: readonly ("embedding" | "tokens")[],
  precision: Precision = "float32",
): void {
  const { hidden_size: hidden, intermediate_size: middle, num_attention_heads: heads } = config;
  const headSize = hidden / heads;
  const take = (name: string): Tensor => {
    const found = tensors.get(name) ?? tensors.get(`bert.${name}`);
    if (!found) throw new Error(`the weights have no tensor ${name}`);
    return found;
  };
  const weight = (name: string) => graph.floats(name, take(name).shape, take(name).values);
  const scalar = (name: string, value: number) => graph.floats(name, [1], Float32Array.of(value));
  const int8 = precision === "int8" ? addInt8Linear(graph) : null;
  const linear = (x: string, name: string) => {
    if (int8) return graph.node("Add", [int8(x, name, take(`${name}.weight`)), weight(`${name}.bias`)]);
    const { shape, values } = transpose(take(`${name}.weight`));
    const product = graph.node("MatMul", [x, graph.floats(`${name}.weight`, shape, values)]);
    return graph.node("Add", [product, weight(`${name}.bias`)]);
  };
  const normal = (x: string, name: string) =>
    graph.node("LayerNormalization", [x, weight(`${name}.weight`), weight(`${name}.bias`)], {
      axis: -1,
      epsilon: { float: config.layer_norm_eps },
    });

  /** The linear part with an adapter's product beside it, where it is a target. */
  const adapted = (x: string, name: string, layer: number, target: LoraTarget) => {
    const plain = linear(x, name);
    if (!targets.includes(target)) return plain;
    const [a, b] = pairInputs(layer, target);
    const rank = `rank_${layer}_${target}`;
    const [input, output] = sizesOf(target, hidden, middle);
    const narrow = graph.node("MatMul", [x, graph.input(a, "float", ["rows", input, rank])]);
    return graph.node("Add", [
      plain,
      graph.node("MatMul", [narrow, graph.input(b, "float", ["rows", rank, output])]),
    ]);
  };

  const ids = graph.input("input_ids", "int64", ["batch", "tokens"]);
  const mask = graph.input("attention_mask", "int64", ["batch", "tokens"]);
  const zero = graph.integers("zero", [0]);
  const one = graph.integers("one", [1]);
  const two = graph.integers("two", [2]);
  const splitHeads = graph.integers("split_heads", [0, 0, heads, headSize]);
  const joinHeads = graph.integers("join_heads", [0, 0, hidden]);
  const scale = scalar("scale", 1 / Math.sqrt(headSize));
  const [half, unit, root] = [scalar("half", 0.5), scalar("unit", 1), scalar("root_half", Math.SQRT1_2)];

  const tokens = graph.node("Slice", [graph.node("Shape", [ids]), one, two]);
  const positions = graph.node("Slice", [
    weight("embeddings.position_embeddings.weight"),
    zero,
    tokens,
    zero,
  ]);
  const words = graph.node("Gather", [weight("embeddings.word_embeddings.weight"), ids]);
  // One sequence, so every token has type 0.
  const kind = take("embeddings.token_type_embeddings.weight").values.subarray(0, hidden);
  const summed = graph.node("Add", [
    graph.node("Add", [words, positions]),
    graph.floats("token_type_0", [hidden], kind.slice()),
  ]);
  let x = normal(summed, "embeddings.LayerNorm");

  const real = graph.node("Cast", [mask], { to: 1 });
  const missing = graph.node("Mul", [graph.node("Sub", [real, unit]), scalar("far", 1e9)]);
  const bias = graph.node("Unsqueeze", [missing, graph.integers("middle", [1, 2])]);
  const all = config.num_hidden_layers;
  const layers = gives.includes("embedding") ? all : tokenLayers(all);
  for (let i = 0; i < layers; i++) {
    const layer = `encoder.layer.${i}`;
    const part = (name: "query" | "key" | "value", perm: number[]) => {
      const flat = adapted(x, `${layer}.attention.self.${name}`, i, name);
      return graph.node("Transpose", [graph.node("Reshape", [flat, splitHeads])], { perm });
    };
    const scores = graph.node("MatMul", [part("query", [0, 2, 1, 3]), part("key", [0, 2, 3, 1])]);
    const masked = graph.node("Add", [graph.node("Mul", [scores, scale]), bias]);
    const weights = graph.node("Softmax", [masked], { axis: -1 });
    const mixed = graph.node("MatMul", [weights, part("value", [0, 2, 1, 3])]);
    const joined = graph.node("Reshape", [
      graph.node("Transpose", [mixed], { perm: [0, 2, 1, 3] }),
      joinHeads,
    ]);
    const attended = adapted(joined, `${layer}.attention.output.dense`, i, "output");
    x = normal(graph.node("Add", [attended, x]), `${layer}.attention.output.LayerNorm`);
    const wide = adapted(x, `${layer}.intermediate.dense`, i, "up");
    // gelu(x) = x/2 · (1 + erf(x/√2)); the runtime fuses this pattern into one kernel.
    const erf = graph.node("Erf", [graph.node("Mul", [wide, root])]);
    const gelu = graph.node("Mul", [graph.node("Mul", [wide, graph.node("Add", [erf, unit])]), half]);
    const narrow = adapted(gelu, `${layer}.output.dense`, i, "down");
    x = normal(graph.node("Add", [narrow, x]), `${layer}.output.LayerNorm`);
    if (gives.includes("tokens") && i + 1 === tokenLayers(all)) graph.node("Identity", [x], {}, "tokens");
  }
  if (!gives.includes("embedding")) return;
  const perToken = graph.node("Unsqueeze", [real, graph.integers("last", [2])]);
  const total = graph.node("ReduceSum", [graph.node("Mul", [x, perToken]), one], { keepdims: 0 });
  const count = graph.node("ReduceSum", [perToken, one], { keepdims: 0 });
  const mean = graph.node("Div", [total, count]);
  const norm = graph.node("ReduceL2", [mean], { axes: [1], keepdims: 1 });
  graph.node("Div", [mean, norm], {}, "embedding");
}
