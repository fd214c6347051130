import { addEncoder, readBert, writeGraph } from "../base/bert-graph";
import { readEncoderConfig } from "../base/encoder-config";
import type { Lora } from "../base/lora-shape";
import { mergeChange, mergeLora } from "../base/merge";
import { createGraph, type Graph } from "../base/onnx-writer";
import type { Change } from "../base/whole-shape";
import type { LinearHead } from "../linear/softmax-head";
import { type DensePart, OVERLAP_COLUMNS } from "../recipes/dense-parts";

/** Names of the inputs and outputs of an exported model; each graph has those that it needs. */
export const TEXT_GRAPH = {
  ids: "input_ids",
  mask: "attention_mask",
  ngrams: "ngram_ids",
  weights: "ngram_weights",
  overlap: "overlap",
  places: "places",
  columns: "columns",
  logits: "logits",
  probabilities: "probabilities",
  value: "value",
  scores: "scores",
  embedding: "embedding",
} as const;

/** What a head reads: of a row, or where it answers words, each word's vector and the columns beside it. */
export type HeadPart = DensePart | "word" | "columns";

export interface TextGraph {
  /** Folder of the base and what was tuned of it, to be merged into it; null when words alone decide. */
  encoder: { dir: string; lora: Lora | null; change?: Change | undefined } | null;
  /** What the head reads, one behind the other; where it is nothing, only the head's bias is. */
  parts: readonly HeadPart[];
  head: LinearHead;
  /** [n-grams, outputs] row-major for unit-length n-gram rows; null when none count. */
  ngrams: Float32Array | null;
  ending: Ending;
}

/**
 * What the graph makes of its sums: `softmax` one of the labels, at the model's temperature; `sigmoid` each label for
 * itself; `number` the one sum in the numbers' own scale, within what was taught; `scores` nothing, as words are answered
 * together.
 */
export type Ending = LabelsEnding | NumberEnding | { kind: "scores" };
type LabelsEnding = { kind: "softmax"; temperature: number } | { kind: "sigmoid" };
interface NumberEnding {
  kind: "number";
  mean: number;
  spread: number;
  least: number;
  most: number;
}

/**
 * Writes a whole model as one ONNX graph of standard operators (opset 17), so that any runtime reads it. Inputs, each
 * where it counts: input_ids, attention_mask int64 [batch, tokens], of pairs both texts of a row one under the other, so
 * batch = 2 · rows; ngram_ids int64 and ngram_weights float32 [rows, ngrams], padded with any id at weight 0, at least
 * one entry a row; overlap float32 [rows, 3] (`recipes/dense-parts.ts`). Outputs: probabilities float32 [rows, labels]
 * with the logits before them, or value float64 [rows]; `embedding` [batch, hidden] where there is an encoder.
 *
 * Where words are answered, a row is a word: places int64 [rows] says which of the batch · tokens one's vector is, and
 * columns float32 [rows, columns] what stands beside it; output: scores float32 [rows, outputs].
 */
export async function writeTextGraph(path: string, { encoder, ...of }: TextGraph): Promise<void> {
  const graph = createGraph("text-model");
  if (encoder) {
    const { config, tensors } = await readBert(encoder.dir);
    const { dir, lora, change } = encoder;
    const adapted = lora ? mergeLora(tensors, lora) : tensors;
    const merged = change ? mergeChange(adapted, change, await readEncoderConfig(dir)) : adapted;
    const reads = of.parts.includes("word") ? "tokens" : "embedding";
    addEncoder(graph, config, merged, [], [reads]);
    if (reads === "embedding") graph.output(TEXT_GRAPH.embedding, ["batch", config.hidden_size]);
  }
  const sums = [
    ...(of.parts.length > 0 ? [addHead(graph, of.parts, of.head)] : []),
    ...(of.ngrams ? [addNgrams(graph, of.ngrams, of.head.classes)] : []),
    graph.floats("head.bias", [of.head.classes], of.head.bias),
  ];
  const sum = sums.reduce((a, b) => graph.node("Add", [a, b]));
  addEnding(graph, sum, of.head.classes, of.ending);
  await writeGraph(graph, path);
}

function addHead(graph: Graph, parts: readonly HeadPart[], { inputs, classes, weights }: LinearHead): string {
  const found = parts.flatMap((part) => PARTS[part](graph));
  const matrix = graph.floats("head.weight", [inputs, classes], weights);
  const [only = ""] = found;
  const dense = found.length === 1 ? only : graph.node("Concat", found, { axis: 1 });
  return graph.node("MatMul", [dense, matrix]);
}

const PARTS: Record<HeadPart, (graph: Graph) => string[]> = {
  embedding: () => [TEXT_GRAPH.embedding],
  side_by_side: addSideBySide,
  overlap: (graph) => [graph.input(TEXT_GRAPH.overlap, "float", ["rows", OVERLAP_COLUMNS])],
  word: addWord,
  columns: (graph) => [graph.input(TEXT_GRAPH.columns, "float", ["rows", "columns"])],
};

/** The vectors of all tokens one under the other, and of those the ones that words are read at. */
function addWord(graph: Graph): string[] {
  const flat = graph.integers("flat", [-1]);
  const hidden = graph.node("Slice", [
    graph.node("Shape", ["tokens"]),
    graph.integers("last_axis", [2]),
    graph.integers("rank", [3]),
  ]);
  const shape = graph.node("Concat", [flat, hidden], { axis: 0 });
  const tokens = graph.node("Reshape", ["tokens", shape]);
  return [graph.node("Gather", [tokens, graph.input(TEXT_GRAPH.places, "int64", ["rows"])])];
}

/** As `sideBySide` in `recipes/dense-parts.ts`, of every second embedding and the one after it. */
function addSideBySide(graph: Graph): string[] {
  const number = (value: number) => graph.integers(`pair_${value}`, [value]);
  const [zero, one, two, end] = [number(0), number(1), number(2), number(Number.MAX_SAFE_INTEGER)];
  const everySecond = (from: string) => graph.node("Slice", [TEXT_GRAPH.embedding, from, end, zero, two]);
  const [u, v] = [everySecond(zero), everySecond(one)];
  const product = graph.node("Mul", [u, v]);
  return [
    graph.node("Abs", [graph.node("Sub", [u, v])]),
    product,
    graph.node("ReduceSum", [product, one], { keepdims: 1 }),
  ];
}

/** Rows of the table that a text has n-grams of, summed by their weights: [1, ngrams] · [ngrams, outputs] a text. */
function addNgrams(graph: Graph, weights: Float32Array, classes: number): string {
  const ids = graph.input(TEXT_GRAPH.ngrams, "int64", ["batch", "ngrams"]);
  const values = graph.input(TEXT_GRAPH.weights, "float", ["batch", "ngrams"]);
  const table = graph.floats("ngram.weight", [weights.length / classes, classes], weights);
  const axis = graph.integers("ngram_axis", [1]);
  const rows = graph.node("Unsqueeze", [values, axis]);
  return graph.node("Squeeze", [graph.node("MatMul", [rows, graph.node("Gather", [table, ids])]), axis]);
}

function addEnding(graph: Graph, sum: string, outputs: number, ending: Ending): void {
  if (ending.kind === "number") addNumber(graph, sum, ending);
  else if (ending.kind !== "scores") addLabels(graph, sum, outputs, ending);
  else {
    graph.node("Identity", [sum], {}, TEXT_GRAPH.scores);
    graph.output(TEXT_GRAPH.scores, ["rows", outputs]);
  }
}

function addLabels(graph: Graph, sum: string, labels: number, ending: LabelsEnding): void {
  const logits = graph.node("Identity", [sum], {}, TEXT_GRAPH.logits);
  if (ending.kind === "sigmoid") graph.node("Sigmoid", [logits], {}, TEXT_GRAPH.probabilities);
  else {
    const temperature = graph.floats("temperature", [1], Float32Array.of(ending.temperature));
    const calibrated = graph.node("Div", [logits, temperature]);
    graph.node("Softmax", [calibrated], { axis: -1 }, TEXT_GRAPH.probabilities);
  }
  graph.output(TEXT_GRAPH.probabilities, ["batch", labels]);
  graph.output(TEXT_GRAPH.logits, ["batch", labels]);
}

/** In float64: float32 would round a time or a price of nine digits by more than it answers apart. */
function addNumber(graph: Graph, sum: string, { mean, spread, least, most }: NumberEnding): void {
  const flat = graph.node("Squeeze", [sum, graph.integers("number_axis", [1])]);
  const exact = graph.node("Cast", [flat], { to: 11 });
  const scaled = graph.node("Add", [
    graph.node("Mul", [exact, graph.double("spread", spread)]),
    graph.double("mean", mean),
  ]);
  const bounds = [graph.double("least", least), graph.double("most", most)];
  graph.node("Clip", [scaled, ...bounds], {}, TEXT_GRAPH.value);
  graph.output(TEXT_GRAPH.value, ["rows"], "double");
}
