import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { ForwardResult, Sequence } from "../task";
import { GRAPHS, pairInputs } from "./bert-graph";
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
export async function openBase(dir: string, options: { threads: number }): Promise<OpenBase> {
  const open = (graph: string) => openSession(join(dir, graph), options.threads);
  const config = JSON.parse(await readFile(join(dir, "config.json"), "utf8")) as BaseShape;
  const sessions = new Map<string, Promise<InferenceSession>>();
  const sessionOf = (file: string) => {
    const opened = sessions.get(file) ?? open(file);
    sessions.set(file, opened);
    return opened;
  };
  await sessionOf(GRAPHS[0].float32);
  return {
    async embed(batch) {
      if (batch.length === 0) return [];
      const { file, targets } = graphFor(batch);
      const session = await sessionOf(file);
      const inputs = { ...sequenceInputs(batch), ...adapterInputs(batch, targets, config) };
      // What is not asked for by name is not copied out.
      const found = await session.run(
        inputs,
        batch.some((one) => one.isPerToken) ? ["embedding", "tokens"] : ["embedding"],
      );
      const { hidden_size: hidden } = config;
      const longest = longestOf(batch);
      return batch.map(({ ids, isPerToken }, row) => {
        const values = found[isPerToken ? "tokens" : "embedding"]?.data as Float32Array;
        const from = row * hidden * (isPerToken ? longest : 1);
        return values.slice(from, from + hidden * (isPerToken ? ids.length : 1));
      });
    },
    async close() {
      for (const session of sessions.values()) await (await session).release();
    },
  };
}

/** A graph on the CPU. */
export const openSession = (path: string, threads: number) =>
  InferenceSession.create(path, {
    executionProviders: ["cpu"],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    // Spinning threads would take the cores from the other processes between two batches.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });

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

/**
 * The matrices of each row's adapter, gathered. Ranks are padded with zeros to the largest of a layer; a row without an
 * adapter gets zeros. When all rows have the same adapter it is handed over once, for all.
 */
function adapterInputs(
  batch: readonly Sequence[],
  targets: readonly LoraTarget[],
  base: BaseShape,
): Record<string, Tensor> {
  const isOne = batch.every(({ adapter }) => adapter?.key === batch[0]?.adapter?.key);
  const loras = (isOne ? batch.slice(0, 1) : batch).map(({ adapter }) => adapter?.lora ?? null);
  const inputs: Record<string, Tensor> = {};
  for (let layer = 0; layer < base.num_hidden_layers; layer++)
    for (const target of targets) {
      const [input, output] = sizesOf(target, base.hidden_size, base.intermediate_size);
      const pairs = loras.map((lora) => (lora ? findPair(lora, layer, target) : null));
      const rank = Math.max(1, ...pairs.map((pair, row) => (pair ? rankOf(loras[row]) : 0)));
      const a = new Float32Array(loras.length * input * rank);
      const b = new Float32Array(loras.length * rank * output);
      for (const [row, pair] of pairs.entries()) {
        if (!pair) continue;
        const own = rankOf(loras[row]);
        // B's rows are whole ranks and lie together; A's have to be spread when its rank is below the largest.
        b.set(pair.b, row * rank * output);
        if (own === rank) a.set(pair.a, row * input * rank);
        else
          for (let i = 0; i < input; i++)
            a.set(pair.a.subarray(i * own, (i + 1) * own), (row * input + i) * rank);
      }
      const [nameA, nameB] = pairInputs(layer, target);
      inputs[nameA] = new Tensor("float32", a, [loras.length, input, rank]);
      inputs[nameB] = new Tensor("float32", b, [loras.length, rank, output]);
    }
  return inputs;
}
const rankOf = (lora: Lora | null | undefined) => lora?.shape.rank ?? 0;
