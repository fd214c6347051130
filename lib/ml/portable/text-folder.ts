import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { InferenceSession, Tensor } from "onnxruntime-node";
import { ownBuffer, type ReadFile, vocabularyOf } from "../arrays";
import { openSession } from "../base/forward";
import { openTokenizer } from "../base/tokenizer";
import { countNgrams, countWords, type Vocabulary, vectorise } from "../data/features";
import { concatenate } from "../linear/matrix";
import { overlap } from "../recipes/dense-parts";
import { sparseRow } from "../report/scope";
import type { Tokenize } from "../task";
import { feedOf, fitting, type Portion, rowsOf } from "./portions";
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
  /** Where all of the base was tuned; absent where an adapter was, or nothing. */
  tuned?: "whole";
  /** Unix seconds. */
  created: number;
  base: { id: string; sha256: string; max_tokens: number } | null;
}

/** The texts of one row: one, or two where they are compared. */
export type Texts = readonly string[];

/** A row as the graph reads it. */
export interface ReadRow {
  portions: readonly Portion[];
  tokens: number;
  truncated: boolean;
}

type OutputName = "logits" | "probabilities" | "value" | "scores" | "embedding";
type Numbers<Name extends OutputName> = Name extends "value" ? Float64Array : Float32Array;
/** What the graph gave for a row, row-major. Throws when the graph has no such output. */
type RowOutput = <Name extends OutputName>(name: Name) => Numbers<Name>;
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
  /** Null when no base is read. */
  tokenize: Tokenize | null;
  /** Null when no n-grams count. */
  vocabulary: Vocabulary | null;
  /** Whether the graph is fed this. */
  takes(input: keyof typeof TEXT_GRAPH): boolean;
  /** Whole texts as the graph reads them; what answers words reads a row in another way. */
  read(texts: Texts): ReadRow;
  /** Answers in the order of the rows; as many are computed at a time as one pass may hold. */
  answer<Row extends ReadRow, Output>(
    rows: readonly Texts[],
    read: (texts: Texts) => Row,
    say: (row: Row, output: RowOutput) => Output,
  ): Promise<ExportedAnswer<Output>[]>;
  close(): Promise<void>;
}

/** Opens the folder of an exported model. Throws when a file is missing. */
export async function openTextFolder(dir: string, threads: number): Promise<TextFolder> {
  const json = async <T>(name: string) => JSON.parse(await readFile(join(dir, name), "utf8")) as T;
  const settings = await json<ExportedSettings>("model.json");
  const session = await openSession(join(dir, "model.onnx"), { threads });
  const file = await openArrays(dir);
  const takes = (input: keyof typeof TEXT_GRAPH) => session.inputNames.includes(TEXT_GRAPH[input]);
  const tokenize = settings.base && (await openTokenizer(dir, settings.base.max_tokens));
  const vocabulary = takes("ngrams") ? vocabularyOf(file) : null;
  const run = createRunner(session);
  return {
    settings,
    json,
    file,
    tokenize,
    vocabulary,
    takes,
    read: createReader(tokenize, vocabulary, takes("overlap")),
    async answer(rows, read, say) {
      // Read one after the other: columns of many words are large.
      const reading = (function* () {
        for (const texts of rows) yield read(texts);
      })();
      const answers = [];
      for await (const [row, output] of run(reading)) {
        const { tokens, truncated } = row;
        answers.push({ output: say(row, output), tokens, truncated });
      }
      return answers;
    },
    close: () => session.release(),
  };
}

/** Runs the graph over rows: many small ones in one pass, a large one in several. */
function createRunner(session: InferenceSession) {
  const figures = session.outputMetadata.find(({ name }) => name !== TEXT_GRAPH.embedding);
  const width = figures?.isTensor ? Number(figures.shape[1] ?? 1) : 1;

  async function runPass(portions: readonly Portion[]): Promise<RowOutput[]> {
    const found = await session.run(feedOf(portions));
    let from = 0;
    return portions.map(({ rows }) => {
      const at = from;
      from += rows;
      return (name) => {
        const all = numbersOf(found, name);
        const unit = all.length / rowsOf(portions);
        return all.subarray(at * unit, (at + rows) * unit) as typeof all;
      };
    });
  }

  return async function* <Row extends ReadRow>(rows: Iterable<Row>) {
    for (const batch of fitting(rows, ({ portions }) => portions, width)) {
      const outputs: RowOutput[] = [];
      const portions = batch.flatMap((row) => row.portions);
      for (const pass of fitting(portions, (one) => [one], width)) outputs.push(...(await runPass(pass)));
      for (const row of batch) yield [row, joined(outputs.splice(0, row.portions.length))] as const;
    }
  };
}

function numbersOf<Name extends OutputName>(found: InferenceSession.OnnxValueMapType, name: Name) {
  const tensor = found[TEXT_GRAPH[name]] as Tensor | undefined;
  if (!tensor) throw new Error(`the graph gives no ${name}`);
  return tensor.data as Numbers<Name>;
}

/** Portions of a row one behind the other; a row of whole texts has one alone. */
const joined =
  (portions: readonly RowOutput[]): RowOutput =>
  <Name extends OutputName>(name: Name) => {
    const [first, ...others] = portions.map((output) => output(name));
    if (first && others.length === 0) return first;
    return concatenate(portions.map((output) => output(name as "scores"))) as Numbers<Name>;
  };

const createReader = (tokenize: Tokenize | null, vocabulary: Vocabulary | null, hasOverlap: boolean) => {
  return (texts: Texts): ReadRow => {
    const encoded = tokenize ? texts.map(tokenize) : [];
    const counted = vocabulary || hasOverlap ? texts.map(countNgrams) : [];
    const counts = tokenize ? encoded.map(({ ids }) => ids.length) : texts.map(countWords);
    const portion: Portion = {
      rows: 1,
      sequences: encoded,
      grams: vocabulary ? [sparseRow(vectorise(vocabulary, counted), 0)] : [],
      overlap: hasOverlap ? overlap(counted) : null,
      columns: null,
      places: [],
    };
    return {
      portions: [portion],
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
