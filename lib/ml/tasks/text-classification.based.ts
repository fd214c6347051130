import { createHash } from "node:crypto";
import { embedTexts } from "../base/embeddings";
import { openEncoder } from "../base/encoder";
import { type OpenBase, openBase } from "../base/forward";
import { findNeighbours } from "../base/neighbours";
import { openTokenizer, readWordIds } from "../base/tokenizer";
import type { Tuning } from "../recipes/text-recipe";
import type { BaseFiles, Run, ServedAdapter, TrainOrder } from "../task";
import { checkpointName, fileCheckpoint } from "../train/checkpoint";
import { knownBase } from "./trials.based";

const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

/** Unit-length embeddings of the texts in their order, through an adapter where one is given; the stage "base" of a job. */
export async function embedRows(
  texts: readonly string[],
  files: BaseFiles,
  run: Pick<Run, "threads" | "cacheDir" | "signal" | "stage" | "progress">,
  adapter: ServedAdapter | null = null,
): Promise<Float32Array[]> {
  const { hidden, maxTokens } = knownBase(files.id);
  run.stage("base", "running");
  const base = openLater(files.dir, run.threads);
  try {
    const embeddings = await embedTexts(texts, {
      cacheDir: run.cacheDir,
      readerSha256: adapter ? sha256(files.sha256 + adapter.key) : files.sha256,
      adapter,
      hidden,
      tokenize: await openTokenizer(files.dir, maxTokens),
      base,
      signal: run.signal,
      onProgress: (done, total) => run.progress("base", done, total),
    });
    run.stage("base", "done");
    return embeddings;
  } finally {
    await base.close();
  }
}

/** Opened by the first text that is not in the cache: often none is. */
function openLater(dir: string, threads: number): OpenBase {
  let opened: Promise<OpenBase> | undefined;
  return {
    embed: async (batch) => {
      opened ??= openBase(dir, { threads });
      return (await opened).embed(batch);
    },
    close: async () => (await opened)?.close(),
  };
}

/** The base with gradients. The caller disposes the encoder. */
export async function openTuning(
  texts: readonly string[],
  files: BaseFiles,
  order: TrainOrder,
  run: Run,
): Promise<Tuning> {
  const tokenize = await openTokenizer(files.dir, knownBase(files.id).maxTokens);
  const [encoder, words] = [await openEncoder(files.dir), await readWordIds(files.dir)];
  const sequences = texts.map((text) => tokenize(text).ids);
  return {
    encoder,
    ordered: order.hyperparameters ?? {},
    sequences,
    chosen: null,
    neighbours: () => findNeighbours(encoder.words, words, new Set(sequences.flatMap((ids) => [...ids]))),
    checkpoint: (fit) =>
      fileCheckpoint(
        run.checkpointDir,
        checkpointName("lora", [fit, order.rowsSha256, files.sha256]),
        run.log,
      ),
  };
}
