import { type Manifest, readArtifact, unpackRows } from "../artifact";
import { unpackLora } from "../base/lora-shape";
import { type Csr, countNgrams, countWords, type Vocabulary, vectorise } from "../data/features";
import { type Dense, fromRows } from "../linear/matrix";
import type { NgramBlock } from "../linear/ngram-block";
import { denseLogits, type LinearHead, toProbabilities } from "../linear/softmax-head";
import { sparseLogits } from "../linear/svm";
import { wideLogits } from "../recipes/wide-part";
import { denseNeighbours, type Neighbours, nearest, sparseNeighbours } from "../report/scope";
import { scopeOf } from "../report/scope-choice";
import type { Ask, ForwardResult, Predictor, ServedAdapter, Tokenize, TokenizerSource } from "../task";
import type { LabelOutput } from "./text-classification";
import { referencesOf, sparseRow, takeSparseRows } from "./text-classification.artifact";

interface Opened {
  manifest: Manifest;
  head: LinearHead;
  rows: [line: number, text: string][];
  rowLabels: Int32Array;
  file(name: string): Buffer<ArrayBuffer>;
}
const floats = (bytes: Buffer<ArrayBuffer>) => new Float32Array(bytes.buffer, 0, bytes.length / 4);
const ints = (bytes: Buffer<ArrayBuffer>) => new Int32Array(bytes.buffer, 0, bytes.length / 4);

/** Opens a trained text classifier. Throws when a file was changed or its base is not the one it was fitted on. */
export async function openTextModel(
  dir: string,
  tokenizers: TokenizerSource,
): Promise<Predictor<string, LabelOutput>> {
  const { manifest, files, sizeBytes } = await readArtifact(dir);
  const file = (name: string) => {
    const bytes = files.get(name);
    if (!bytes) throw new Error(`the model in ${dir} lacks ${name}`);
    return bytes;
  };
  const weights = floats(file("weights.f32"));
  const classes = manifest.labels.length;
  const head = { inputs: weights.length / classes, classes, weights, bias: floats(file("bias.f32")) };
  const rows = JSON.parse(file("rows.json").toString("utf8")) as Opened["rows"];
  const opened = { manifest, head, rows, rowLabels: ints(file("row-labels.i32")), file };
  return manifest.base
    ? openBased(opened, await tokenizers(manifest.base.id), sizeBytes)
    : openLexical(opened, sizeBytes);
}

/** The logits of embedded inputs: the head's, and those of the n-grams where the artifact has them. */
function logitsOf(opened: Opened): (embedded: Dense, inputs: readonly string[]) => Float32Array {
  if (!opened.manifest.files["ngram-weights.i8"]) return (embedded) => denseLogits(opened.head, embedded);
  const weights = opened.file("ngram-weights.i8");
  const ngrams: NgramBlock = {
    vocabulary: vocabularyOf(opened),
    weights: new Int8Array(weights.buffer, 0, weights.length),
    scales: floats(opened.file("ngram-scales.f32")),
  };
  return (embedded, inputs) => wideLogits({ head: opened.head, ngrams }, embedded, inputs.map(countNgrams));
}

/** Named by its content: equal matrices are one adapter, whosever they are. */
function adapterOf({ manifest, head, file }: Opened): ServedAdapter | null {
  if (!manifest.adapter) return null;
  const hidden = head.inputs;
  // Served targets lie in attention alone, so the width of a layer's middle does not matter.
  const lora = unpackLora(floats(file("adapter.f32")), manifest.adapter, hidden, 0);
  return { key: manifest.files["adapter.f32"]?.sha256 ?? "", lora };
}

function vocabularyOf(opened: Opened): Vocabulary {
  const hashes = opened.file("hashes.u32");
  return {
    hashes: new Uint32Array(hashes.buffer, 0, hashes.length / 4),
    idf: floats(opened.file("idf.f32")),
  };
}

function openBased(opened: Opened, tokenize: Tokenize, sizeBytes: number): Predictor<string, LabelOutput> {
  const packed = opened.file("row-embeddings.i8");
  const taught = unpackRows(
    new Int8Array(packed.buffer, 0, packed.length),
    floats(opened.file("row-scales.f32")),
  );
  const answersOf = createDescriber(opened, denseNeighbours(taught), (rows) =>
    denseNeighbours(rows.map((row) => taught[row] ?? new Float32Array(0))),
  );
  const base = opened.manifest.base?.id ?? "";
  const logits = logitsOf(opened);
  const adapter = adapterOf(opened);
  const requestOf = (ids: Int32Array) => (adapter ? { base, ids, adapter } : { base, ids });
  return {
    reads: (text) => requestOf(tokenize(text).ids),
    sizeBytes: sizeBytes * 2 + taught.length * (taught[0]?.byteLength ?? 0),
    before(inputs) {
      const encoded = inputs.map(tokenize);
      return {
        requests: encoded.map(({ ids }) => [requestOf(ids)]),
        tokens: encoded.reduce((sum, { ids }) => sum + ids.length, 0),
        truncated: encoded.map(({ truncated }) => truncated),
      };
    },
    after(inputs, outputs, ask) {
      const embedded = outputs.map(([first]: readonly ForwardResult[]) => {
        if (!first) throw new Error("the base gave no embedding");
        return first;
      });
      const queryOf = (i: number) => embedded[i] ?? new Float32Array(opened.head.inputs);
      return answersOf(logits(fromRows(embedded), inputs), queryOf, ask);
    },
  };
}

function openLexical(opened: Opened, sizeBytes: number): Predictor<string, LabelOutput> {
  const vocabulary = vocabularyOf(opened);
  const taught: Csr = {
    rows: opened.rows.length,
    columns: vocabulary.hashes.length,
    starts: ints(opened.file("row-starts.i32")),
    indices: ints(opened.file("row-indices.i32")),
    values: floats(opened.file("row-values.f32")),
  };
  const answersOf = createDescriber(opened, sparseNeighbours(taught), (rows) =>
    sparseNeighbours(takeSparseRows(taught, rows)),
  );
  return {
    sizeBytes: sizeBytes * 3,
    before: (inputs) => ({
      requests: inputs.map(() => []),
      // Without a base there are no word pieces: words are what is counted.
      tokens: inputs.reduce((sum, text) => sum + countWords(text), 0),
      truncated: inputs.map(() => false),
    }),
    after(inputs, _outputs, ask) {
      const matrix = vectorise(vocabulary, inputs.map(countNgrams));
      return answersOf(sparseLogits(opened.head, matrix), (i) => sparseRow(matrix, i), ask);
    },
  };
}

type Query = Parameters<Neighbours["similarities"]>[0];

/**
 * Turns logits into answers: probabilities, scope by the score that was chosen for this model, nearest rows when
 * asked for. The reference rows of a class are put together when it is first answered.
 */
function createDescriber(
  opened: Opened,
  taught: Neighbours,
  neighboursAmong: (rows: number[]) => Neighbours,
) {
  const { manifest, rows, rowLabels } = opened;
  const byLabel = new Map<number, Neighbours>();
  const similarityTo = (label: number, query: Query) => {
    const own = byLabel.get(label) ?? neighboursAmong(referencesOf(label, rowLabels));
    byLabel.set(label, own);
    return own.similarities(query).reduce((most, x) => Math.max(most, x), 0);
  };
  const classes = manifest.labels.length;
  return (logits: Float32Array, queryOf: (i: number) => Query, ask: Ask): LabelOutput[] => {
    const probabilities = toProbabilities(logits, classes, manifest.temperature);
    return Array.from({ length: logits.length / classes }, (_, i) => {
      const own = probabilities.subarray(i * classes, (i + 1) * classes);
      const ranked = nearest(own, Math.max(1, Math.min(ask.topK, classes)));
      const labels = ranked.map((k) => ({ label: manifest.labels[k] ?? "", probability: own[k] as number }));
      const [first] = labels;
      const output: LabelOutput = { label: first?.label ?? "", confidence: first?.probability ?? 0, labels };
      const query = queryOf(i);
      if (manifest.scope) {
        const { score, threshold } = manifest.scope;
        const similarity = score === "similarity" ? similarityTo(ranked[0] ?? 0, query) : 0;
        const own = logits.subarray(i * classes, (i + 1) * classes);
        output.out_of_scope = scopeOf(score, { logits: own, similarity }) < threshold;
      }
      if (ask.nearest > 0) {
        const similarities = taught.similarities(query);
        output.nearest = nearest(similarities, ask.nearest).map((row) => ({
          line: rows[row]?.[0] ?? 0,
          text: rows[row]?.[1] ?? "",
          label: manifest.labels[rowLabels[row] as number] ?? "",
          similarity: similarities[row] as number,
        }));
      }
      return output;
    });
  };
}
