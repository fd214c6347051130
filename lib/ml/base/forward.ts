import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { Precision } from "../contract";
import type { ForwardResult, Sequence, ServedWhole } from "../task";
import { changedGraph, GRAPHS, pairInputs } from "./bert-graph";
import { findPair, type Lora, type LoraTarget, sizesOf } from "./lora-shape";

export interface OpenBase {
  /** Sequences of similar length and one precision, in their order, each through its adapter: see `ForwardResult`. */
  embed(batch: readonly Sequence[]): Promise<ForwardResult[]>;
  close(): Promise<void>;
}

/**
 * Opens a base folder in ONNX Runtime on the CPU. One session of a graph serves every caller; those that take adapters
 * or compute in int8 are opened by the first sequence that needs them.
 */
export async function openBase(dir: string, options: Threads): Promise<OpenBase> {
  const sessions = new Map<string, Promise<InferenceSession>>();
  const sessionOf = (file: string) => {
    const opened = sessions.get(file) ?? openSession(join(dir, file), options);
    sessions.set(file, opened);
    return opened;
  };
  await sessionOf(GRAPHS[0].float32);
  return {
    embed: createEmbed(await readShape(dir), undefined, sessionOf),
    async close() {
      for (const session of sessions.values()) await (await session).release();
    },
  };
}

/**
 * The base as it was tuned whole: a session with weights of its own, for sequences of that tuning and precision alone. It
 * holds as much as the base's graph of that precision has (`wholeBytes`), and no longer what it was opened from.
 */
export async function openWhole(
  dir: string,
  { key, change }: ServedWhole,
  precision: Precision,
  options: Threads,
): Promise<OpenBase> {
  const session = await openSession(await changedGraph(dir, change, precision), options);
  const sessionOf = async (file: string) => {
    if (file !== GRAPHS[0][precision]) throw new Error(`the tuned base was not opened in ${file}`);
    return session;
  };
  return { embed: createEmbed(await readShape(dir), key, sessionOf), close: () => session.release() };
}

export const wholeBytes = async (dir: string, precision: Precision) =>
  (await stat(join(dir, GRAPHS[0][precision]))).size;

/** Whichever of both a model's sequences ask for. */
export const openFor = (
  dir: string,
  { whole, precision = "float32" }: Omit<Sequence, "ids">,
  options: Threads,
) => (whole ? openWhole(dir, whole, precision, options) : openBase(dir, options));

const readShape = async (dir: string) =>
  JSON.parse(await readFile(join(dir, "config.json"), "utf8")) as BaseShape;

/** @param key of the tuning that is inside the weights; sequences of another one are refused. */
function createEmbed(
  config: BaseShape,
  key: string | undefined,
  sessionOf: (file: string) => Promise<InferenceSession>,
): OpenBase["embed"] {
  const gather = createGatherer(config);
  return async (batch) => {
    if (batch.length === 0) return [];
    if (batch.some(({ whole }) => whole?.key !== key)) throw new Error(OTHER_WEIGHTS);
    const { file, targets } = graphFor(batch);
    const session = await sessionOf(file);
    const adapters = gather(batch, targets);
    // What is not asked for by name is not copied out.
    const found = await session
      .run(
        { ...sequenceInputs(batch), ...adapters.inputs },
        batch.some((one) => one.isPerToken) ? ["embedding", "tokens"] : ["embedding"],
      )
      .finally(adapters.release);
    const { hidden_size: hidden } = config;
    const longest = longestOf(batch);
    return batch.map(({ ids, isPerToken }, row) => {
      const values = found[isPerToken ? "tokens" : "embedding"]?.data as Float32Array;
      const from = row * hidden * (isPerToken ? longest : 1);
      return values.slice(from, from + hidden * (isPerToken ? ids.length : 1));
    });
  };
}
export const OTHER_WEIGHTS = "sequences ask for other weights than those that are open";

export interface Threads {
  threads: number;
  /**
   * Between two parts of a pass, and for a moment after it, threads wait awake: a single row is answered in two thirds of the
   * time. For who answers; who computes for long would take the cores from the other processes.
   */
  areAwake?: boolean;
}

/** A graph on the CPU: a file, or its bytes. */
export function openSession(graph: string | Uint8Array, { threads, areAwake = false }: Threads) {
  const options: InferenceSession.SessionOptions = {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    extra: { session: { intra_op: { allow_spinning: areAwake ? "1" : "0" } } },
  };
  return typeof graph === "string"
    ? InferenceSession.create(graph, options)
    : InferenceSession.create(graph, options);
}

interface BaseShape {
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
}

/** The narrowest graph that takes every adapter of a batch. */
function graphFor(batch: readonly Sequence[]): { file: string; targets: readonly LoraTarget[] } {
  const needed = batch.flatMap(({ adapter }) => adapter?.lora.shape.targets ?? []);
  const takes = (targets: readonly LoraTarget[]) => needed.every((target) => targets.includes(target));
  const { targets, ...files } = GRAPHS.find((one) => takes(one.targets)) ?? GRAPHS[2];
  const [precision = "float32", other] = new Set(batch.map((one) => one.precision ?? "float32"));
  if (other) throw new Error("a batch is of one precision");
  return { file: files[precision], targets };
}

const longestOf = (batch: readonly Sequence[]) => Math.max(...batch.map(({ ids }) => ids.length));

/** Ids and mask, padded to the longest. */
export function sequenceInputs(batch: readonly Sequence[]): Record<string, Tensor> {
  const tokens = longestOf(batch);
  const ids = new BigInt64Array(batch.length * tokens);
  const mask = new BigInt64Array(batch.length * tokens);
  for (const [row, sequence] of batch.entries())
    for (const [i, id] of sequence.ids.entries()) {
      ids[row * tokens + i] = BigInt(id);
      mask[row * tokens + i] = 1n;
    }
  const shape = [batch.length, tokens];
  return { input_ids: new Tensor("int64", ids, shape), attention_mask: new Tensor("int64", mask, shape) };
}

/** Numbers of one input that are worth keeping: 64 rows at rank 16 of the narrow graph; all inputs together 50 MB. */
const MOST_KEPT = 500_000;

/**
 * The matrices of each row's adapter, gathered. Ranks are padded with zeros to the largest of a layer; a row without an
 * adapter gets zeros. When all rows have the same adapter it is handed over once, for all. Ten megabytes a batch of 32: the
 * memory is kept for the next one, unless two passes run at the same time.
 */
function createGatherer(base: BaseShape) {
  const kept = new Map<string, Float32Array>();
  let isTaken = false;
  const buffer = (name: string, length: number, isKept: boolean): Float32Array => {
    if (!isKept || length > MOST_KEPT) return new Float32Array(length);
    const known = kept.get(name);
    if (known && known.length >= length) return known.subarray(0, length);
    const made = new Float32Array(length);
    kept.set(name, made);
    return made;
  };
  return (batch: readonly Sequence[], targets: readonly LoraTarget[]) => {
    const isKept = !isTaken && targets.length > 0;
    if (isKept) isTaken = true;
    const [first] = batch;
    const isOne = batch.every(
      ({ adapter, scale = 1 }) => adapter?.key === first?.adapter?.key && scale === (first?.scale ?? 1),
    );
    const rows = isOne ? batch.slice(0, 1) : batch;
    const loras = rows.map(({ adapter }) => adapter?.lora ?? null);
    const inputs: Record<string, Tensor> = {};
    for (let layer = 0; layer < base.num_hidden_layers; layer++)
      for (const target of targets) {
        const [input, output] = sizesOf(target, base.hidden_size, base.intermediate_size);
        const pairs = loras.map((lora) => (lora ? findPair(lora, layer, target) : null));
        const rank = Math.max(1, ...pairs.map((pair, row) => (pair ? rankOf(loras[row]) : 0)));
        const [nameA, nameB] = pairInputs(layer, target);
        const a = buffer(nameA, loras.length * input * rank, isKept);
        const b = buffer(nameB, loras.length * rank * output, isKept);
        for (const [row, pair] of pairs.entries()) {
          const own = pair ? rankOf(loras[row]) : 0;
          const [fromA, fromB] = [row * input * rank, row * rank * output];
          // B's rows are whole ranks and lie together; A's have to be spread when its rank is below the largest.
          if (own < rank) {
            a.fill(0, fromA, fromA + input * rank);
            b.fill(0, fromB + own * output, fromB + rank * output);
          }
          if (!pair) continue;
          b.set(pair.b, fromB);
          const { scale = 1 } = rows[row] as Sequence;
          if (scale !== 1)
            for (let i = 0; i < pair.b.length; i++) b[fromB + i] = (b[fromB + i] as number) * scale;
          if (own === rank) a.set(pair.a, fromA);
          else
            for (let i = 0; i < input; i++) a.set(pair.a.subarray(i * own, (i + 1) * own), fromA + i * rank);
        }
        inputs[nameA] = new Tensor("float32", a, [loras.length, input, rank]);
        inputs[nameB] = new Tensor("float32", b, [loras.length, rank, output]);
      }
    const release = () => {
      if (isKept) isTaken = false;
    };
    return { inputs, release };
  };
}
const rankOf = (lora: Lora | null | undefined) => lora?.shape.rank ?? 0;
