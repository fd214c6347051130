import { openEncoder } from "../base/encoder";
import { openBase } from "../base/forward";
import { openTokenizer } from "../base/tokenizer";
import { gatherWords } from "../base/windows";
import { createWordSplitter } from "../base/words";
import { BASES } from "../catalogue";
import { createReader, type TagData, type TaggedText } from "../recipes/tagger";
import type { BaseFiles, Run, TrainOrder } from "../task";
import { checkpointName, fileCheckpoint } from "../train/checkpoint";

/** Padded tokens in one forward: larger batches gain nothing on a CPU and hold more memory. */
const BATCH_TOKENS = 2048;

function knownBase(files: BaseFiles) {
  const known = Object.values(BASES).find((base) => base.id === files.id);
  if (!known) throw new Error(`the base ${files.id} is not in the catalogue`);
  return known;
}

/** The texts as the base reads them, with every word's frozen vector; the stage "base" of a job. */
export async function readWithBase(texts: readonly string[], files: BaseFiles, run: Run): Promise<TagData> {
  const { hidden, maxTokens } = knownBase(files);
  const tokenize = await openTokenizer(files.dir, maxTokens);
  const read = texts.map(createReader(createWordSplitter(tokenize), tokenize, maxTokens));
  const states = await readWindows(read, files, run);
  const vectors = read.map(({ windows }, row) => gatherWords(windows, states[row] ?? [], hidden));
  return { texts: read, hidden, vectors, tuning: null };
}

/** The hidden states of each text's windows; windows of like length are computed together. */
async function readWindows(
  texts: readonly TaggedText[],
  files: BaseFiles,
  run: Run,
): Promise<Float32Array[][]> {
  const base = await openBase(files.dir, { threads: run.threads });
  const out: Float32Array[][] = texts.map(() => []);
  const queue = texts
    .flatMap(({ windows }, row) => windows.map(({ ids }, place) => ({ row, place, ids })))
    .sort((a, b) => a.ids.length - b.ids.length);
  try {
    for (let at = 0; at < queue.length; ) {
      run.signal.throwIfAborted();
      let end = at + 1;
      while (end < queue.length && (end + 1 - at) * (queue[end]?.ids.length ?? 0) <= BATCH_TOKENS) end += 1;
      const batch = queue.slice(at, end);
      const states = await base.embed(batch.map(({ ids }) => ({ ids, isPerToken: true })));
      for (const [i, { row, place }] of batch.entries())
        (out[row] as Float32Array[])[place] = states[i] ?? new Float32Array(0);
      at = end;
      run.progress("base", at, queue.length);
    }
    return out;
  } finally {
    await base.close();
  }
}

/** Without a base words are what the pattern says; nothing is read of them but how they look. */
export function readAlone(texts: readonly string[]): TagData {
  const split = createWordSplitter(() => ({ ids: new Int32Array(3), truncated: false }));
  return {
    texts: texts.map((text) => ({ text, words: split(text), windows: [] })),
    hidden: 0,
    vectors: null,
    tuning: null,
  };
}

/** The base with gradients. The encoder lives until the process ends with its one order. */
export async function withTuning(
  data: TagData,
  files: BaseFiles,
  order: TrainOrder,
  run: Run,
): Promise<TagData> {
  const encoder = await openEncoder(files.dir);
  const checkpoint = (fit: unknown) =>
    fileCheckpoint(run.checkpointDir, checkpointName("lora", [fit, order.rowsSha256, files.sha256]), run.log);
  return { ...data, tuning: { encoder, checkpoint } };
}
