import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";
import type { ForwardResult, Sequence } from "../task";
import { GRAPHS, pairInputs, SERVED_TARGETS } from "./bert-graph";
import { findPair, type Lora } from "./lora-shape";

export interface OpenBase {
  /** Sequences of similar length, in their order, each through its adapter: see `ForwardResult`. */
  embed(batch: readonly Sequence[]): Promise<ForwardResult[]>;
  close(): Promise<void>;
}

/**
 * Opens a base folder in ONNX Runtime on the CPU. One session serves every caller; the one that takes adapters is
 * opened by the first sequence that has one.
 */
export async function openBase(dir: string, options: { threads: number }): Promise<OpenBase> {
  const open = (graph: string) => openSession(join(dir, graph), options.threads);
  const config = JSON.parse(await readFile(join(dir, "config.json"), "utf8")) as BaseShape;
  const plain = await open(GRAPHS.plain);
  let adapted: Promise<InferenceSession> | undefined;
  const openAdapted = () => {
    adapted ??= open(GRAPHS.adapted);
    return adapted;
  };
  return {
    async embed(batch) {
      if (batch.length === 0) return [];
      const isAdapted = batch.some((one) => one.adapter);
      const session = isAdapted ? await openAdapted() : plain;
      const inputs = { ...sequenceInputs(batch), ...(isAdapted ? adapterInputs(batch, config) : {}) };
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
      await plain.release();
      await (await adapted)?.release();
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
  num_hidden_layers: number;
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
function adapterInputs(batch: readonly Sequence[], base: BaseShape): Record<string, Tensor> {
  const isOne = batch.every(({ adapter }) => adapter?.key === batch[0]?.adapter?.key);
  const loras = (isOne ? batch.slice(0, 1) : batch).map(({ adapter }) => adapter?.lora ?? null);
  const inputs: Record<string, Tensor> = {};
  const { hidden_size: hidden } = base;
  for (let layer = 0; layer < base.num_hidden_layers; layer++)
    for (const target of SERVED_TARGETS) {
      const pairs = loras.map((lora) => (lora ? findPair(lora, layer, target) : null));
      const rank = Math.max(1, ...pairs.map((pair, row) => (pair ? rankOf(loras[row]) : 0)));
      const a = new Float32Array(loras.length * hidden * rank);
      const b = new Float32Array(loras.length * rank * hidden);
      for (const [row, pair] of pairs.entries()) {
        if (!pair) continue;
        const own = rankOf(loras[row]);
        // B's rows are whole ranks and lie together; A's have to be spread when its rank is below the largest.
        b.set(pair.b, row * rank * hidden);
        if (own === rank) a.set(pair.a, row * hidden * rank);
        else
          for (let i = 0; i < hidden; i++)
            a.set(pair.a.subarray(i * own, (i + 1) * own), (row * hidden + i) * rank);
      }
      const [nameA, nameB] = pairInputs(layer, target);
      inputs[nameA] = new Tensor("float32", a, [loras.length, hidden, rank]);
      inputs[nameB] = new Tensor("float32", b, [loras.length, rank, hidden]);
    }
  return inputs;
}
const rankOf = (lora: Lora | null | undefined) => lora?.shape.rank ?? 0;
