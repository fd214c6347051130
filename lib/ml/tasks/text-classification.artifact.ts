import { bytesOf, packRows, writeArtifact } from "../artifact";
import { type Csr, countNgrams, vectorise } from "../data/features";
import { generator, shuffle } from "../linear/svm";
import type { TextModel } from "../recipes/text-recipe";
import { chooseSimilarityThreshold, denseNeighbours, sparseNeighbours } from "../report/scope";
import type { BaseFiles } from "../task";
import type { Plan } from "./text-classification.rows";

/** Queries that validate the threshold, and reference rows that every answer is compared with. */
const QUERIES = 600;
export const REFERENCES = 2000;

export const sparseRow = (matrix: Csr, row: number) => {
  const [from, to] = [matrix.starts[row] as number, matrix.starts[row + 1] as number];
  return { indices: matrix.indices.subarray(from, to), values: matrix.values.subarray(from, to) };
};

/**
 * Writes the fitted model with what serving needs beside it: its training rows for the nearest examples (the
 * first `REFERENCES` of them, in shuffled order, are those that scope is judged by) and the validated threshold.
 */
export async function writeTextArtifact(
  dir: string,
  model: TextModel,
  plan: Plan,
  taught: readonly number[],
  embeddings: readonly Float32Array[] | null,
  facts: { base: BaseFiles | null; temperature: number; seed: number; task: string },
): Promise<{ sha256: string; similarityThreshold: number | null }> {
  const order = [...taught];
  shuffle(order, generator(facts.seed));
  const references = order.slice(0, REFERENCES);
  const labels = Int32Array.from(references, (row) => plan.rows.labels[row] as number);
  const hashes = references.map((row) => plan.rows.hashes[row] ?? "");
  const queries = references.map((_, i) => i).slice(0, QUERIES);
  const files: Record<string, Uint8Array> = {
    "weights.f32": bytesOf(model.head.weights),
    "bias.f32": bytesOf(model.head.bias),
    "row-labels.i32": bytesOf(Int32Array.from(order, (row) => plan.rows.labels[row] as number)),
    "rows.json": Buffer.from(
      JSON.stringify(order.map((row) => [plan.rows.lines[row], plan.rows.texts[row]?.slice(0, 500)])),
    ),
  };
  if (model.kind === "wide") {
    files["hashes.u32"] = bytesOf(model.ngrams.vocabulary.hashes);
    files["idf.f32"] = bytesOf(model.ngrams.vocabulary.idf);
    files["ngram-weights.i8"] = bytesOf(model.ngrams.weights);
    files["ngram-scales.f32"] = bytesOf(model.ngrams.scales);
  }
  let similaritiesOf: (query: number) => Float32Array;
  if (model.kind !== "lexical") {
    if (!embeddings) throw new Error(`a ${model.kind} model is written with its rows' embeddings`);
    const { values, scales } = packRows(order.map((row) => embeddings[row] ?? new Float32Array(0)));
    files["row-embeddings.i8"] = bytesOf(values);
    files["row-scales.f32"] = bytesOf(scales);
    const own = references.map((row) => embeddings[row] ?? new Float32Array(0));
    const neighbours = denseNeighbours(own);
    similaritiesOf = (query) => neighbours.similarities(own[query] ?? new Float32Array(0));
  } else {
    const matrix = vectorise(
      model.vocabulary,
      order.map((row) => countNgrams(plan.rows.texts[row] ?? "")),
    );
    files["hashes.u32"] = bytesOf(model.vocabulary.hashes);
    files["idf.f32"] = bytesOf(model.vocabulary.idf);
    files["row-starts.i32"] = bytesOf(matrix.starts);
    files["row-indices.i32"] = bytesOf(matrix.indices);
    files["row-values.f32"] = bytesOf(matrix.values);
    const end = matrix.starts[references.length] as number;
    const neighbours = sparseNeighbours({
      rows: references.length,
      columns: matrix.columns,
      starts: matrix.starts.subarray(0, references.length + 1),
      indices: matrix.indices.subarray(0, end),
      values: matrix.values.subarray(0, end),
    });
    similaritiesOf = (query) => neighbours.similarities(sparseRow(matrix, query));
  }
  const similarityThreshold = chooseSimilarityThreshold(queries, similaritiesOf, labels, hashes);
  const base =
    model.kind !== "lexical" && facts.base ? { id: facts.base.id, sha256: facts.base.sha256 } : null;
  const manifest = {
    task: facts.task,
    recipe: model.kind,
    base,
    labels: plan.names,
    temperature: facts.temperature,
    similarityThreshold,
  };
  return { sha256: await writeArtifact(dir, manifest, files), similarityThreshold };
}
