import { Tensor } from "onnxruntime-node";
import { sequenceInputs } from "../base/forward";
import { concatenate } from "../linear/matrix";
import type { SparseRow } from "../report/scope";
import { TEXT_GRAPH } from "./text-graph";

/**
 * What an exported graph is fed together, in one pass with others or alone: a row of whole texts, or the words that one
 * window of a text answers.
 */
export interface Portion {
  /** Rows of the graph: one, or as many as there are words. */
  rows: number;
  /** None where no base is read. */
  sequences: readonly { ids: Int32Array }[];
  /** The n-grams of each row; empty where none count. */
  grams: readonly SparseRow[];
  /** [rows, 3] of two texts. */
  overlap: Float32Array | null;
  /** [rows, columns] of words. */
  columns: Float32Array | null;
  /** Of each word, which token of the one sequence it is read at. */
  places: readonly number[];
}

/** What one pass may hold: padded tokens, and numbers that are gathered from the n-gram table or stand beside it. */
const BATCH_TOKENS = 2048;
const BATCH_NUMBERS = 4e6;

const sum = (numbers: readonly number[]) => numbers.reduce((a, b) => a + b, 0);
const most = (numbers: readonly number[]) => numbers.reduce((a, b) => Math.max(a, b), 0);
const longestOf = (portions: readonly Portion[]) =>
  most(portions.flatMap(({ sequences }) => sequences.map(({ ids }) => ids.length)));
const mostGrams = (portions: readonly Portion[]) =>
  most(portions.flatMap(({ grams }) => grams.map(({ indices }) => indices.length)));
export const rowsOf = (portions: readonly Portion[]) => sum(portions.map(({ rows }) => rows));

/** Neighbours that fit into one pass together; at least one. @param width outputs of a row. */
export function* fitting<One>(
  all: Iterable<One>,
  portionsOf: (one: One) => readonly Portion[],
  width: number,
): Generator<One[]> {
  let batch: One[] = [];
  for (const one of all) {
    const portions = [...batch, one].flatMap(portionsOf);
    const tokens = sum(portions.map(({ sequences }) => sequences.length)) * longestOf(portions);
    const beside = sum(portions.map(({ columns }) => columns?.length ?? 0));
    const numbers = rowsOf(portions) * mostGrams(portions) * width + beside;
    if (batch.length > 0 && (tokens > BATCH_TOKENS || numbers > BATCH_NUMBERS)) {
      yield batch;
      batch = [one];
    } else batch.push(one);
  }
  if (batch.length > 0) yield batch;
}

/** The graph's inputs for some portions, one under the other. */
export function feedOf(portions: readonly Portion[]): Record<string, Tensor> {
  const sequences = portions.flatMap((portion) => portion.sequences);
  const grams = portions.flatMap((portion) => portion.grams);
  const longest = longestOf(portions);
  const places = portions.flatMap((portion, i) => portion.places.map((at) => BigInt(i * longest + at)));
  return {
    ...(sequences.length > 0 && sequenceInputs(sequences)),
    ...(grams.length > 0 && gramInputs(grams)),
    ...denseInput(TEXT_GRAPH.overlap, portions),
    ...denseInput(TEXT_GRAPH.columns, portions),
    ...(places.length > 0 && {
      [TEXT_GRAPH.places]: new Tensor("int64", BigInt64Array.from(places), [places.length]),
    }),
  };
}

function denseInput(name: "overlap" | "columns", portions: readonly Portion[]): Record<string, Tensor> {
  const found = portions.flatMap((portion) => portion[name] ?? []);
  if (found.length === 0) return {};
  const values = concatenate(found);
  const rows = rowsOf(portions);
  return { [name]: new Tensor("float32", values, [rows, values.length / rows]) };
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
