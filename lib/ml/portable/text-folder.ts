import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { type InferenceSession, Tensor } from "onnxruntime-node";
import { ownBuffer, type ReadFile, vocabularyOf } from "../arrays";
import { openSession, sequenceInputs } from "../base/forward";
import { openTokenizer } from "../base/tokenizer";
import { countNgrams, countWords, type Vocabulary, vectorise } from "../data/features";
import { OVERLAP_COLUMNS, overlap } from "../recipes/dense-parts";
import { type SparseRow, sparseRow } from "../report/scope";
import type { Tokenize } from "../task";
import { TEXT_GRAPH } from "./text-graph";

/*
 * The folder of an exported model, from texts to what its graph gives. Nothing here needs TensorFlow.js or zod: the
 * exported server is bundled from it.
 */

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

/** The texts of one row: one, or two where they are compared. */
export type Texts = readonly string[];

/** A row as the graph reads it. */
interface ReadRow {
  sequences: readonly { ids: Int32Array }[];
  grams: SparseRow | null;
  overlap: Float32Array | null;
  tokens: number;
  truncated: boolean;
}

type OutputName = "logits" | "probabilities" | "value" | "embedding";
/** What the graph gave for some rows. */
interface Computed {
  rows: readonly ReadRow[];
  /** Row-major. Throws when the graph has no such output. */
  output<Name extends OutputName>(name: Name): Name extends "value" ? Float64Array : Float32Array;
}
export interface ExportedAnswer<Output> {
  output: Output;
  tokens: number;
  truncated: boolean;
}

export interface TextFolder {
  settings: ExportedSettings;
  /** A JSON file of the folder. Throws when it is missing. */
  json<T>(name: string): Promise<T>;
  file: ReadFile;
  /** Null when no n-grams count. */
  vocabulary: Vocabulary | null;
  /** What the graph is fed for these rows, as tensors by name; texts of similar length pad least. */
  feed(rows: readonly Texts[]): Record<string, Tensor>;
  /** Answers in the order of the rows, said of as many at a time as one pass may hold. @param width outputs a row. */
  answer<Output>(
    rows: readonly Texts[],
    width: number,
    say: (computed: Computed) => readonly Output[],
  ): Promise<ExportedAnswer<Output>[]>;
  close(): Promise<void>;
}

/** What one pass may hold: padded tokens, and numbers of the n-gram table that are gathered. */
const BATCH_TOKENS = 2048;
const BATCH_NUMBERS = 4e6;

/** Opens the folder of an exported model. Throws when a file is missing. */
export async function openTextFolder(dir: string, threads: number): Promise<TextFolder> {
  const json = async <T>(name: string) => JSON.parse(await readFile(join(dir, name), "utf8")) as T;
  const settings = await json<ExportedSettings>("model.json");
  const session = await openSession(join(dir, "model.onnx"), threads);
  const file = await openArrays(dir);
  const vocabulary = session.inputNames.includes(TEXT_GRAPH.ngrams) ? vocabularyOf(file) : null;
  const read = createReader(
    settings.base && (await openTokenizer(dir, settings.base.max_tokens)),
    vocabulary,
    session.inputNames.includes(TEXT_GRAPH.overlap),
  );
  return {
    settings,
    json,
    file,
    vocabulary,
    feed: (rows) => feedOf(rows.map(read)),
    async answer(rows, width, say) {
      const answers = [];
      for (const batch of batchesOf(rows, read, width)) {
        const found = await session.run(feedOf(batch));
        const outputs = say({ rows: batch, output: (name) => numbersOf(found, name) });
        for (const [i, { tokens, truncated }] of batch.entries())
          answers.push({ output: outputs[i] as (typeof outputs)[number], tokens, truncated });
      }
      return answers;
    },
    close: () => session.release(),
  };
}

function numbersOf<Numbers>(found: InferenceSession.OnnxValueMapType, name: OutputName): Numbers {
  const tensor = found[TEXT_GRAPH[name]] as Tensor | undefined;
  if (!tensor) throw new Error(`the graph gives no ${name}`);
  return tensor.data as Numbers;
}

const createReader = (tokenize: Tokenize | null, vocabulary: Vocabulary | null, hasOverlap: boolean) => {
  return (texts: Texts): ReadRow => {
    const encoded = tokenize ? texts.map(tokenize) : [];
    const counted = vocabulary || hasOverlap ? texts.map(countNgrams) : [];
    const counts = tokenize ? encoded.map(({ ids }) => ids.length) : texts.map(countWords);
    return {
      sequences: encoded,
      grams: vocabulary && sparseRow(vectorise(vocabulary, counted), 0),
      overlap: hasOverlap ? overlap(counted) : null,
      tokens: counts.reduce((sum, count) => sum + count, 0),
      truncated: encoded.some(({ truncated }) => truncated),
    };
  };
};

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

/** Neighbouring rows that fit into one pass together; at least one. */
function* batchesOf(rows: readonly Texts[], read: (texts: Texts) => ReadRow, width: number) {
  let batch: ReadRow[] = [];
  for (const texts of rows) {
    const one = read(texts);
    const wider = [...batch, one];
    const sequences = wider.flatMap((row) => row.sequences);
    const tokens = sequences.length * Math.max(0, ...sequences.map(({ ids }) => ids.length));
    const grams = wider.length * Math.max(...wider.map((row) => row.grams?.indices.length ?? 0));
    if (batch.length > 0 && (tokens > BATCH_TOKENS || grams * width > BATCH_NUMBERS)) {
      yield batch;
      batch = [one];
    } else batch = wider;
  }
  if (batch.length > 0) yield batch;
}

function feedOf(batch: readonly ReadRow[]): Record<string, Tensor> {
  const sequences = batch.flatMap((row) => row.sequences);
  const grams = batch.flatMap((row) => row.grams ?? []);
  const overlaps = batch.flatMap((row) => [...(row.overlap ?? [])]);
  const shape = [batch.length, OVERLAP_COLUMNS];
  return {
    ...(sequences.length > 0 ? sequenceInputs(sequences) : {}),
    ...(grams.length > 0 ? gramInputs(grams) : {}),
    ...(overlaps.length > 0
      ? { [TEXT_GRAPH.overlap]: new Tensor("float32", Float32Array.from(overlaps), shape) }
      : {}),
  };
}

/** Padded with the first n-gram at weight 0; a text without any has that alone. */
function gramInputs(batch: readonly SparseRow[]): Record<string, Tensor> {
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
