import { openEncoder } from "../base/encoder";
import { openBase } from "../base/forward";
import { lengthBatches } from "../base/length-batches";
import { openTokenizer } from "../base/tokenizer";
import { gatherWords, type Window } from "../base/windows";
import { createWordSplitter } from "../base/words";
import { BASES } from "../catalogue";
import type { BaseFiles, Run, TrainOrder } from "../task";
import { checkpointName, fileCheckpoint } from "../train/checkpoint";

/** Padded tokens in one forward: larger batches gain nothing on a CPU and hold more memory. */
const BATCH_TOKENS = 2048;

/** What is known of a base by its id. Throws when the catalogue has no such base. */
export function knownBase(id: string): { hidden: number; maxTokens: number } {
  const known = Object.values(BASES).find((base) => base.id === id);
  if (!known) throw new Error(`the base ${id} is not in the catalogue`);
  return known;
}

/** The base's words of texts. */
export async function openWords(files: BaseFiles) {
  const { hidden, maxTokens } = knownBase(files.id);
  const tokenize = await openTokenizer(files.dir, maxTokens);
  return { hidden, maxTokens, tokenize, split: createWordSplitter(tokenize) };
}

/** Of each text its words' vectors under the frozen base [words, hidden]; windows of like length are computed together. */
export async function readFrozenWords(
  texts: readonly { windows: readonly Window[] }[],
  files: BaseFiles,
  run: Run,
): Promise<Float32Array[]> {
  const base = await openBase(files.dir, { threads: run.threads });
  const { hidden } = knownBase(files.id);
  const states: Float32Array[][] = texts.map(() => []);
  const queue = texts.flatMap(({ windows }, row) => windows.map(({ ids }, place) => ({ row, place, ids })));
  const lengths = queue.map(({ ids }) => ids.length);
  let done = 0;
  try {
    for (const places of lengthBatches(lengths, BATCH_TOKENS)) {
      run.signal.throwIfAborted();
      const batch = places.map((place) => queue[place] as (typeof queue)[number]);
      const found = await base.embed(batch.map(({ ids }) => ({ ids, isPerToken: true })));
      for (const [i, { row, place }] of batch.entries())
        (states[row] as Float32Array[])[place] = found[i] as Float32Array;
      done += batch.length;
      run.progress("base", done, queue.length);
    }
  } finally {
    await base.close();
  }
  return texts.map(({ windows }, row) => gatherWords(windows, states[row] ?? [], hidden));
}

/** The base with gradients. The encoder lives until the process ends with its one order. */
export async function openTuning(files: BaseFiles, order: TrainOrder, run: Run) {
  const checkpoint = (fit: unknown) =>
    fileCheckpoint(run.checkpointDir, checkpointName("lora", [fit, order.rowsSha256, files.sha256]), run.log);
  return { encoder: await openEncoder(files.dir), ordered: order.hyperparameters ?? {}, checkpoint };
}
