import { embedTexts } from "../base/embeddings";
import { openEncoder } from "../base/encoder";
import { openBase } from "../base/forward";
import { openTokenizer } from "../base/tokenizer";
import type { Tuning } from "../recipes/text-recipe";
import type { BaseFiles, Run, TrainOrder } from "../task";
import { checkpointName, fileCheckpoint } from "../train/checkpoint";
import { knownBase } from "./trials.based";

/** Unit-length embeddings of the texts in their order; the stage "base" of a job. */
export async function embedRows(
  texts: readonly string[],
  files: BaseFiles,
  run: Run,
): Promise<Float32Array[]> {
  const { hidden, maxTokens } = knownBase(files.id);
  run.stage("base", "running");
  const base = await openBase(files.dir, { threads: run.threads });
  try {
    const embeddings = await embedTexts(texts, {
      cacheDir: run.cacheDir,
      baseSha256: files.sha256,
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

/** The base with gradients. The caller disposes the encoder. */
export async function openTuning(
  texts: readonly string[],
  files: BaseFiles,
  order: TrainOrder,
  run: Run,
): Promise<Tuning> {
  const tokenize = await openTokenizer(files.dir, knownBase(files.id).maxTokens);
  return {
    encoder: await openEncoder(files.dir),
    sequences: texts.map((text) => tokenize(text).ids),
    checkpoint: (fit) =>
      fileCheckpoint(
        run.checkpointDir,
        checkpointName("lora", [fit, order.rowsSha256, files.sha256]),
        run.log,
      ),
  };
}
