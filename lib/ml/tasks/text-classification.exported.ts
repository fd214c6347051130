import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import { intsOf, ownBuffer } from "../arrays";
import type { Manifest } from "../artifact";
import { openSession, sequenceInputs } from "../base/forward";
import { openTokenizer } from "../base/tokenizer";
import { countNgrams, countWords, type Vocabulary, vectorise } from "../data/features";
import { TEXT_GRAPH } from "../portable/text-graph";
import { sparseRow } from "../report/scope";
import type { Tokenize } from "../task";
import type { LabelOutput } from "./text-classification";
import {
  createDescriber,
  denseTaught,
  type ReadFile,
  sparseTaught,
  type Taught,
  vocabularyOf,
} from "./text-classification.answers";

/** `model.json` of an exported model. */
export interface ExportedSettings {
  format_version: 1;
  model: string;
  task: string;
  recipe: string;
  /** Unix seconds. */
  created: number;
  base: { id: string; sha256: string; max_tokens: number } | null;
}
/** `thresholds.json`. */
export interface ExportedThresholds {
  scope: Manifest["scope"];
  /** The confidence from which answers are given where the caller asks to abstain but names no threshold. */
  abstain_below: number;
  /** For each accepted share of wrong answers the threshold that keeps it with 95 % certainty. */
  promised: readonly { accepted: number; threshold: number }[];
}

export interface Exported {
  settings: ExportedSettings;
  thresholds: ExportedThresholds;
  /** What the graph is fed for these texts, as tensors by name; texts of similar length pad least. */
  feed(texts: readonly string[]): Record<string, Tensor>;
  /** Labels by probability, at most `topK` a text, in the order of the texts. */
  predict(texts: readonly string[], topK: number): Promise<ExportedAnswer[]>;
  close(): Promise<void>;
}
interface ExportedAnswer {
  output: LabelOutput;
  tokens: number;
  truncated: boolean;
}

/** What one pass may hold: padded tokens, and numbers of the n-gram table that are gathered. */
const BATCH_TOKENS = 2048;
const BATCH_NUMBERS = 4e6;

/**
 * Opens the folder of an exported model: from texts to answers by its graph alone. The platform proves parity with it
 * at export, and the exported server is made of it. Throws when a file is missing.
 */
export async function openExported(dir: string, threads: number): Promise<Exported> {
  const json = async (name: string) => JSON.parse(await readFile(join(dir, name), "utf8")) as unknown;
  const settings = (await json("model.json")) as ExportedSettings;
  const labels = (await json("labels.json")) as string[];
  const thresholds = (await json("thresholds.json")) as ExportedThresholds;
  const session = await openSession(join(dir, "model.onnx"), threads);
  const file = await openArrays(dir);
  const tokenize = settings.base && (await openTokenizer(dir, settings.base.max_tokens));
  const vocabulary = session.inputNames.includes(TEXT_GRAPH.ngrams) ? vocabularyOf(file) : null;
  const read = createReader(tokenize, vocabulary);
  // Without similarity nothing is compared with what was taught, and the rows stayed behind.
  const isCompared = thresholds.scope?.score === "similarity";
  const taught = () => (tokenize ? denseTaught(file) : sparseTaught(file, vocabulary?.hashes.length ?? 0));
  const describeFigures = createDescriber(
    { labels, scope: thresholds.scope },
    isCompared ? taught() : NOBODY,
    isCompared ? intsOf(file("row-labels.i32")) : new Int32Array(0),
    [],
  );
  const answer = async (batch: readonly ReadText[], topK: number): Promise<ExportedAnswer[]> => {
    const found = await session.run(feedOf(batch));
    const figures = { logits: floats(found, "logits"), probabilities: floats(found, "probabilities") };
    const embedded = tokenize ? floats(found, "embedding") : new Float32Array(0);
    const hidden = embedded.length / batch.length;
    const queryOf = (i: number) =>
      tokenize ? embedded.subarray(i * hidden, (i + 1) * hidden) : (batch[i]?.grams ?? NO_GRAMS);
    const outputs = describeFigures(figures, queryOf, { topK, nearest: 0 });
    return batch.map(({ tokens, truncated }, i) => ({
      output: outputs[i] as LabelOutput,
      tokens,
      truncated,
    }));
  };
  return {
    settings,
    thresholds,
    feed: (texts) => feedOf(texts.map(read)),
    async predict(texts, topK) {
      const answers: ExportedAnswer[] = [];
      for (const batch of batchesOf(texts, read, labels.length)) answers.push(...(await answer(batch, topK)));
      return answers;
    },
    close: () => session.release(),
  };
}

/** A text as the graph reads it. */
interface ReadText {
  ids: Int32Array | null;
  grams: { indices: Int32Array; values: Float32Array } | null;
  tokens: number;
  truncated: boolean;
}
const NO_GRAMS = { indices: new Int32Array(0), values: new Float32Array(0) };
const NONE = { similarities: () => new Float32Array(0) };
const NOBODY: Taught = { all: NONE, among: () => NONE };

const createReader = (tokenize: Tokenize | null, vocabulary: Vocabulary | null) => {
  return (text: string): ReadText => {
    const encoded = tokenize?.(text);
    return {
      ids: encoded?.ids ?? null,
      grams: vocabulary && sparseRow(vectorise(vocabulary, [countNgrams(text)]), 0),
      tokens: encoded ? encoded.ids.length : countWords(text),
      truncated: encoded?.truncated ?? false,
    };
  };
};

const floats = (found: InferenceSession.OnnxValueMapType, name: keyof typeof TEXT_GRAPH) =>
  (found[TEXT_GRAPH[name]] as Tensor).data as Float32Array;

/** The arrays of the folder: n-grams and, where scope is similarity, the taught rows. */
async function openArrays(dir: string): Promise<ReadFile> {
  const names = (await readdir(dir)).filter((name) => /\.(u32|i32|i8|f32)$/.test(name));
  const read = async (name: string) => [name, ownBuffer(await readFile(join(dir, name)))] as const;
  const files = new Map(await Promise.all(names.map(read)));
  return (name) => {
    const bytes = files.get(name);
    if (!bytes) throw new Error(`the model in ${dir} lacks ${name}`);
    return bytes;
  };
}

/** Neighbouring texts that fit into one pass together; at least one. */
function* batchesOf(texts: readonly string[], read: (text: string) => ReadText, classes: number) {
  let batch: ReadText[] = [];
  for (const text of texts) {
    const one = read(text);
    const wider = [...batch, one];
    const tokens = wider.length * Math.max(...wider.map(({ ids }) => ids?.length ?? 0));
    const grams = wider.length * Math.max(...wider.map((other) => other.grams?.indices.length ?? 0));
    if (batch.length > 0 && (tokens > BATCH_TOKENS || grams * classes > BATCH_NUMBERS)) {
      yield batch;
      batch = [one];
    } else batch = wider;
  }
  if (batch.length > 0) yield batch;
}

function feedOf(batch: readonly ReadText[]): Record<string, Tensor> {
  const sequences = batch.flatMap(({ ids }) => (ids ? [{ ids }] : []));
  const grams = batch.flatMap((one) => (one.grams ? [one.grams] : []));
  return {
    ...(sequences.length > 0 ? sequenceInputs(sequences) : {}),
    ...(grams.length > 0 ? gramInputs(grams) : {}),
  };
}

/** Padded with the first n-gram at weight 0; a text without any has that alone. */
function gramInputs(batch: readonly NonNullable<ReadText["grams"]>[]): Record<string, Tensor> {
  const width = Math.max(1, ...batch.map(({ indices }) => indices.length));
  const ids = new BigInt64Array(batch.length * width);
  const weights = new Float32Array(batch.length * width);
  for (const [row, { indices, values }] of batch.entries()) {
    for (const [i, index] of indices.entries()) ids[row * width + i] = BigInt(index);
    weights.set(values, row * width);
  }
  const shape = [batch.length, width];
  return {
    [TEXT_GRAPH.ngrams]: new Tensor("int64", ids, shape),
    [TEXT_GRAPH.weights]: new Tensor("float32", weights, shape),
  };
}
