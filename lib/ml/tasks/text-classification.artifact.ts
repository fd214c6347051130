import { bytesOf, packRows, writeArtifact } from "../artifact";
import { type Csr, countNgrams, vectorise } from "../data/features";
import { generator, shuffle } from "../linear/svm";
import type { TextModel } from "../recipes/text-recipe";
import { cosine, sparseCosine } from "../report/scope";
import type { BaseFiles } from "../task";
import type { Plan } from "./text-classification.rows";
import type { References, ValidatedScope } from "./text-classification.scope";

/** Rows that scope is judged by: an answer is compared with those of them that carry its label. */
export const REFERENCES = 10_000;

export const sparseRow = (matrix: Csr, row: number) => {
  const [from, to] = [matrix.starts[row] as number, matrix.starts[row + 1] as number];
  return { indices: matrix.indices.subarray(from, to), values: matrix.values.subarray(from, to) };
};

export function takeSparseRows(matrix: Csr, rows: readonly number[]): Csr {
  const taken = rows.map((row) => sparseRow(matrix, row));
  const starts = new Int32Array(rows.length + 1);
  for (const [i, { indices }] of taken.entries()) starts[i + 1] = (starts[i] ?? 0) + indices.length;
  const total = starts[rows.length] ?? 0;
  const [indices, values] = [new Int32Array(total), new Float32Array(total)];
  for (const [i, row] of taken.entries()) {
    indices.set(row.indices, starts[i]);
    values.set(row.values, starts[i]);
  }
  return { rows: rows.length, columns: matrix.columns, starts, indices, values };
}

/**
 * Writes the fitted model with what serving needs beside it: its training rows for the nearest examples (the
 * first `REFERENCES` of them, in shuffled order, are those that scope is judged by) and the validated scope.
 */
export async function writeTextArtifact(
  dir: string,
  model: TextModel,
  plan: Plan,
  taught: readonly number[],
  embeddings: readonly Float32Array[] | null,
  facts: {
    base: BaseFiles | null;
    temperature: number;
    seed: number;
    task: string;
    validateScope(references: References): Promise<ValidatedScope | null>;
  },
): Promise<{ sha256: string; scope: ValidatedScope | null }> {
  const order = [...taught];
  shuffle(order, generator(facts.seed));
  const references = order.slice(0, REFERENCES);
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
  let similarity: References["similarity"];
  if (model.kind !== "lexical") {
    if (!embeddings) throw new Error(`a ${model.kind} model is written with its rows' embeddings`);
    const { values, scales } = packRows(order.map((row) => embeddings[row] ?? new Float32Array(0)));
    files["row-embeddings.i8"] = bytesOf(values);
    files["row-scales.f32"] = bytesOf(scales);
    const own = references.map((row) => embeddings[row] ?? new Float32Array(0));
    similarity = (a, b) => cosine(own[a] ?? new Float32Array(0), own[b] ?? new Float32Array(0));
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
    similarity = (a, b) => sparseCosine(sparseRow(matrix, a), sparseRow(matrix, b));
  }
  const scope = await facts.validateScope({ rows: references, similarity });
  const base =
    model.kind !== "lexical" && facts.base ? { id: facts.base.id, sha256: facts.base.sha256 } : null;
  const manifest = {
    task: facts.task,
    recipe: model.kind,
    base,
    labels: plan.names,
    temperature: facts.temperature,
    scope: scope && { score: scope.score, threshold: scope.threshold },
  };
  return { sha256: await writeArtifact(dir, manifest, files), scope };
}
