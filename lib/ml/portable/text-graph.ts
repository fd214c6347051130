import { addEncoder, readBert, writeGraph } from "../base/bert-graph";
import type { Lora } from "../base/lora-shape";
import { createGraph, type Graph } from "../base/onnx-writer";
import type { LinearHead } from "../linear/softmax-head";
import { mergeLora } from "./merge";

/** Names of the inputs and outputs of an exported text classifier. */
export const TEXT_GRAPH = {
  ids: "input_ids",
  mask: "attention_mask",
  ngrams: "ngram_ids",
  weights: "ngram_weights",
  logits: "logits",
  probabilities: "probabilities",
  embedding: "embedding",
} as const;

export interface TextGraph {
  /** Folder of the base and the adapter to be merged into it; null when words alone decide. */
  encoder: { dir: string; lora: Lora | null } | null;
  /** Over the embedding; without an encoder only its bias is read. */
  head: LinearHead;
  /** [n-grams, classes] row-major for unit-length n-gram rows; null when none count. */
  ngrams: Float32Array | null;
  temperature: number;
}

/**
 * Writes a whole classifier as one ONNX graph of standard operators (opset 17), so that any runtime reads it:
 * input_ids, attention_mask int64 [batch, tokens] and, where n-grams count, ngram_ids int64 and ngram_weights float32
 * [batch, ngrams] -> probabilities float32 [batch, classes] at the model's temperature, logits before it, and
 * `embedding` [batch, hidden] where there is an encoder. An n-gram row is padded with any id at weight 0, and has at
 * least one entry.
 */
export async function writeTextGraph(path: string, { encoder, ...of }: TextGraph): Promise<void> {
  const graph = createGraph("text-classifier");
  if (encoder) {
    const { config, tensors } = await readBert(encoder.dir);
    addEncoder(graph, config, encoder.lora ? mergeLora(tensors, encoder.lora) : tensors, []);
  }
  const parts = [
    ...(encoder ? [addHead(graph, of.head)] : []),
    ...(of.ngrams ? [addNgrams(graph, of.ngrams, of.head.classes)] : []),
    graph.floats("head.bias", [of.head.classes], of.head.bias),
  ];
  const sum = parts.reduce((a, b) => graph.node("Add", [a, b]));
  const logits = graph.node("Identity", [sum], {}, TEXT_GRAPH.logits);
  const temperature = graph.floats("temperature", [1], Float32Array.of(of.temperature));
  const calibrated = graph.node("Div", [logits, temperature]);
  graph.node("Softmax", [calibrated], { axis: -1 }, TEXT_GRAPH.probabilities);
  graph.output(TEXT_GRAPH.probabilities, ["batch", of.head.classes]);
  graph.output(TEXT_GRAPH.logits, ["batch", of.head.classes]);
  await writeGraph(graph, path);
}

function addHead(graph: Graph, { inputs, classes, weights }: LinearHead): string {
  const matrix = graph.floats("head.weight", [inputs, classes], weights);
  return graph.node("MatMul", [TEXT_GRAPH.embedding, matrix]);
}

/** Rows of the table that a text has n-grams of, summed by their weights: [1, ngrams] · [ngrams, classes] a text. */
function addNgrams(graph: Graph, weights: Float32Array, classes: number): string {
  const ids = graph.input(TEXT_GRAPH.ngrams, "int64", ["batch", "ngrams"]);
  const values = graph.input(TEXT_GRAPH.weights, "float", ["batch", "ngrams"]);
  const table = graph.floats("ngram.weight", [weights.length / classes, classes], weights);
  const axis = graph.integers("ngram_axis", [1]);
  const rows = graph.node("Unsqueeze", [values, axis]);
  return graph.node("Squeeze", [graph.node("MatMul", [rows, graph.node("Gather", [table, ids])]), axis]);
}
