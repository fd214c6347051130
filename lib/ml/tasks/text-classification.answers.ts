import { floatsOf, intsOf, type ReadFile, unpackRows } from "../arrays";
import type { Manifest } from "../artifact";
import type { Csr } from "../data/features";
import { denseNeighbours, type Neighbours, nearest, sparseNeighbours, takeSparseRows } from "../report/scope";
import { scopeOf } from "../report/scope-choice";
import type { Ask } from "../task";
import type { LabelOutput } from "./text-classification";

/*
 * From figures to answers, for a model that is served here and for one that was exported alike. Nothing here needs
 * TensorFlow.js, zod or the artifact's manifest: the exported server is bundled from it.
 */

/** Taught rows of one class that an answer with its label is compared with, so that a large class costs no more. */
const CLASS_REFERENCES = 2000;

/** Places of the rows of one class that scope is judged by, given the labels in the stored order. */
export function referencesOf(label: number, labels: Int32Array): number[] {
  const places: number[] = [];
  for (let at = 0; at < labels.length && places.length < CLASS_REFERENCES; at++)
    if (labels[at] === label) places.push(at);
  return places;
}

/** The rows that a model was taught, as similarity is measured to them. */
export interface Taught {
  all: Neighbours;
  among(rows: readonly number[]): Neighbours;
}

export function denseTaught(file: ReadFile): Taught {
  const packed = file("row-embeddings.i8");
  const rows = unpackRows(new Int8Array(packed.buffer, 0, packed.length), floatsOf(file("row-scales.f32")));
  return {
    all: denseNeighbours(rows),
    among: (own) => denseNeighbours(own.map((row) => rows[row] ?? new Float32Array(0))),
  };
}

/** @param columns n-grams of the vocabulary. */
export function sparseTaught(file: ReadFile, columns: number): Taught {
  const starts = intsOf(file("row-starts.i32"));
  const matrix: Csr = {
    rows: starts.length - 1,
    columns,
    starts,
    indices: intsOf(file("row-indices.i32")),
    values: floatsOf(file("row-values.f32")),
  };
  return { all: sparseNeighbours(matrix), among: (own) => sparseNeighbours(takeSparseRows(matrix, own)) };
}

type Query = Parameters<Neighbours["similarities"]>[0];
/** Both [classes]; logits as they are, probabilities at the model's temperature. */
export interface Figures {
  logits: Float32Array;
  probabilities: Float32Array;
}

/**
 * Describes the figures of a row: labels by probability, scope by the score that was chosen for this model, nearest rows when asked
 * for. The reference rows of a class are put together when it is first answered.
 * @param rows line and text of each taught row, read when nearest rows are asked for.
 */
export function createDescriber(
  { labels: names, scope }: Pick<Manifest, "labels" | "scope">,
  taught: Taught,
  rowLabels: Int32Array,
  rows: readonly [line: number, text: string][],
) {
  const byLabel = new Map<number, Neighbours>();
  const similarityTo = (label: number, query: Query) => {
    const own = byLabel.get(label) ?? taught.among(referencesOf(label, rowLabels));
    byLabel.set(label, own);
    return own.similarities(query).reduce((most, x) => Math.max(most, x), 0);
  };
  const classes = names.length;
  return ({ logits, probabilities }: Figures, query: Query, ask: Ask): LabelOutput => {
    const ranked = nearest(probabilities, Math.max(1, Math.min(ask.topK, classes)));
    const labels = ranked.map((k) => ({ label: names[k] ?? "", probability: probabilities[k] as number }));
    const [first] = labels;
    const output: LabelOutput = { label: first?.label ?? "", confidence: first?.probability ?? 0, labels };
    if (scope) {
      const similarity = scope.score === "similarity" ? similarityTo(ranked[0] ?? 0, query) : 0;
      output.out_of_scope = scopeOf(scope.score, { logits, similarity }) < scope.threshold;
    }
    if (ask.nearest > 0) {
      const similarities = taught.all.similarities(query);
      output.nearest = nearest(similarities, ask.nearest).map((row) => ({
        line: rows[row]?.[0] ?? 0,
        text: rows[row]?.[1] ?? "",
        label: names[rowLabels[row] as number] ?? "",
        similarity: similarities[row] as number,
      }));
    }
    return output;
  };
}
