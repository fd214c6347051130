import { join } from "node:path";
import { InferenceSession, Tensor } from "onnxruntime-node";

export interface OpenBase {
  /** Unit-length embeddings [hidden] of token sequences of similar length, in their order. */
  embed(batch: readonly Int32Array[]): Promise<Float32Array[]>;
  close(): Promise<void>;
}

/** Opens `model.onnx` of a base folder in ONNX Runtime on the CPU. One session serves every caller. */
export async function openBase(dir: string, options: { threads: number }): Promise<OpenBase> {
  const session = await InferenceSession.create(join(dir, "model.onnx"), {
    executionProviders: ["cpu"],
    intraOpNumThreads: options.threads,
    interOpNumThreads: 1,
    graphOptimizationLevel: "all",
    // Spinning threads would take the cores from the other processes between two batches.
    extra: { session: { intra_op: { allow_spinning: "0" } } },
  });
  return {
    async embed(batch) {
      if (batch.length === 0) return [];
      const tokens = Math.max(...batch.map((ids) => ids.length));
      const ids = new BigInt64Array(batch.length * tokens);
      const mask = new BigInt64Array(batch.length * tokens);
      for (const [row, sequence] of batch.entries()) {
        for (const [i, id] of sequence.entries()) {
          ids[row * tokens + i] = BigInt(id);
          mask[row * tokens + i] = 1n;
        }
      }
      const shape = [batch.length, tokens];
      const { embedding } = await session.run({
        input_ids: new Tensor("int64", ids, shape),
        attention_mask: new Tensor("int64", mask, shape),
      });
      const values = embedding?.data as Float32Array;
      const hidden = values.length / batch.length;
      return batch.map((_, row) => values.slice(row * hidden, (row + 1) * hidden));
    },
    close: () => session.release(),
  };
}
