import { packRows } from "../arrays";
import { bytesOf, CHANGE_FILE, writeArtifact } from "../artifact";
import { foldScale, packLora, shapeOf } from "../base/lora-shape";
import type { Precision } from "../contract";
import { countNgrams, vectorise } from "../data/features";
import type { NgramBlock } from "../linear/ngram-block";
import { generator, shuffle } from "../linear/svm";
import type { TextModel } from "../recipes/text-recipe";
import { servedTuning, weighNgrams } from "../recipes/tuned-text";
import { cosine, sparseCosine, sparseRow } from "../report/scope";
import type { BaseFiles, ServedAdapter } from "../task";
import { labelsOf, type Plan } from "./labels.rows";
import { referencesOf } from "./text-classification.answers";
import type { References, ValidatedScope } from "./text-classification.scope";

/** The n-grams that count in the model's answers, weighed as they count. */
function ngramsOf(model: TextModel): NgramBlock | null {
  if (model.kind === "wide") return model.ngrams;
  return "lora" in model && model.reading.ngrams > 0 ? weighNgrams(model) : null;
}

/**
 * Writes the fitted model with what serving needs beside it: its training rows for the nearest examples (the
 * first of each class, in shuffled order, are those that scope is judged by) and the validated scope.
 */
export async function writeTextArtifact(
  dir: string,
  model: TextModel,
  plan: Plan,
  taught: readonly number[],
  /** Of the taught rows, in their order, under this model; null when it has none. */
  vectors: readonly Float32Array[] | null,
  facts: {
    base: BaseFiles | null;
    /** That the vectors were read through, where the model did not tune its own. */
    adapter?: ServedAdapter | null;
    temperature: number;
    seed: number;
    task: string;
    precision?: Precision;
    validateScope(references: References): Promise<ValidatedScope | null>;
  },
): Promise<{ sha256: string; scope: ValidatedScope | null }> {
  const places = taught.map((_, place) => place);
  shuffle(places, generator(facts.seed));
  // Scope is judged by rows that people labelled, so those are the first ones.
  const isBehind = new Set(plan.taughtOnly);
  const behind = (place: number) => Number(isBehind.has(taught[place] as number));
  places.sort((a, b) => behind(a) - behind(b));
  const order = places.map((place) => taught[place] as number);
  const labels = labelsOf(plan, order);
  // In stored order again: the rows that validate are taken from its beginning, in the classes' shares.
  const references = plan.names.flatMap((_, label) => referencesOf(label, labels)).sort((a, b) => a - b);
  const files: Record<string, Uint8Array> = {
    "weights.f32": bytesOf(model.head.weights),
    "bias.f32": bytesOf(model.head.bias),
    "row-labels.i32": bytesOf(labels),
    "rows.json": Buffer.from(
      JSON.stringify(order.map((row) => [plan.rows.lines[row], plan.rows.texts[row]?.slice(0, 500)])),
    ),
  };
  const ngrams = ngramsOf(model);
  if (ngrams) {
    files["hashes.u32"] = bytesOf(ngrams.vocabulary.hashes);
    files["idf.f32"] = bytesOf(ngrams.vocabulary.idf);
    files["ngram-weights.i8"] = bytesOf(ngrams.weights);
    files["ngram-scales.f32"] = bytesOf(ngrams.scales);
  }
  const tuning = "lora" in model ? servedTuning(model) : null;
  const own = tuning && "lora" in tuning ? foldScale(tuning.lora) : null;
  const adapter = tuning ? own : (facts.adapter?.lora ?? null);
  if (adapter) files["adapter.f32"] = bytesOf(packLora(adapter));
  if (tuning && "change" in tuning) files[CHANGE_FILE] = bytesOf(tuning.change);
  let similarity: References["similarity"];
  if (model.kind !== "lexical") {
    if (!vectors) throw new Error(`a ${model.kind} model is written with its rows' vectors`);
    const { values, scales } = packRows(places.map((place) => vectors[place] ?? new Float32Array(0)));
    files["row-embeddings.i8"] = bytesOf(values);
    files["row-scales.f32"] = bytesOf(scales);
    const own = references.map((at) => vectors[places[at] ?? -1] ?? new Float32Array(0));
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
    const own = (at: number) => sparseRow(matrix, references[at] ?? 0);
    similarity = (a, b) => sparseCosine(own(a), own(b));
  }
  const scope = await facts.validateScope({ rows: references.map((at) => order[at] ?? 0), similarity });
  const base =
    model.kind !== "lexical" && facts.base ? { id: facts.base.id, sha256: facts.base.sha256 } : null;
  const manifest = {
    task: facts.task,
    recipe: model.kind,
    base,
    ...(facts.precision === "int8" ? { precision: facts.precision } : {}),
    labels: plan.names,
    temperature: facts.temperature,
    adapter: adapter && shapeOf(adapter),
    scope: scope && { score: scope.score, threshold: scope.threshold },
  };
  return { sha256: await writeArtifact(dir, manifest, files), scope };
}
