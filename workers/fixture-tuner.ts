import { createHash } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { openEncoder } from "@/lib/ml/base/encoder";
import { writeSmallBert } from "@/lib/ml/base/small-bert.fixture";
import { NO_AUGMENTATION } from "@/lib/ml/data/augment";
import { textClassification } from "@/lib/ml/tasks/text-classification";
import { checkpointName, fileCheckpoint } from "@/lib/ml/train/checkpoint";
import { type LoraSettings, tuneLora } from "@/lib/ml/train/tune-encoder";
import { serveWorker } from "./child-side";

/**
 * A training child for tests and benches: the real engine makes a provisional model from the job's rows, then a
 * small encoder is tuned with checkpoints on disk. The last model's report carries the sha256 of the tuned weights
 * as `hashes.artifact`, which is the same however often the fit was interrupted.
 */
const SAVE_EVERY = 5;
const WIDTH = 8;

serveWorker("train", async ({ order, run }, say, signal) => {
  writeFileSync(join(run.cacheDir, "pid"), String(process.pid));
  const engine = await textClassification.engine();
  const teach = (dir: string) =>
    engine.train(
      { ...order, recipe: "lexical" },
      {
        ...run,
        dir: join(run.dir, dir),
        signal,
        stage: () => {},
        progress: () => {},
        log: () => {},
        provisional: () => {},
      },
    );
  const first = await teach("first");
  say({ kind: "provisional", ...first });

  await writeSmallBert(run.dir);
  const encoder = await openEncoder(run.dir);
  const settings: LoraSettings = {
    epochs: order.budgetMinutes,
    batchSize: 8,
    rate: 0.02,
    headRate: 5,
    decay: 0.01,
    clip: 1,
    contrastive: 0.5,
    augmentation: { ...NO_AUGMENTATION, drop: 0.1 },
    smoothing: 0.05,
    classWeights: "even",
    lora: { rank: 2, alpha: 4, targets: ["query", "value"], fromLayer: 0 },
    seed: order.seed,
  };
  const sequences = Array.from({ length: 24 }, (_, i) => Int32Array.from([1, 5 + (i % 2), 7 + (i % 9), 2]));
  const head = { inputs: WIDTH, classes: 2, weights: new Float32Array(2 * WIDTH), bias: new Float32Array(2) };
  say({ kind: "stage", stage: "fine-tune", status: "running" });
  const tuned = await tuneLora(
    encoder,
    { sequences, labels: Int32Array.from(sequences, (_, i) => i % 2) },
    head,
    settings,
    {
      signal,
      saveEvery: SAVE_EVERY,
      checkpoint: fileCheckpoint(
        run.checkpointDir,
        checkpointName("tune", [settings, order.rowsSha256]),
        (level, message) => say({ kind: "log", level, message }),
      ),
      onStep: (done, total, loss) =>
        say({ kind: "progress", stage: "fine-tune", done, total, metrics: { loss } }),
    },
  );
  say({ kind: "stage", stage: "fine-tune", status: "done" });
  const hash = createHash("sha256").update(tuned.head.weights).update(tuned.head.bias);
  for (const { a, b } of tuned.lora.pairs) hash.update(a).update(b);
  const last = await teach("last");
  const { report } = last;
  const hashes = { ...report.hashes, artifact: hash.digest("hex") };
  return { kind: "trained", ...last, report: { ...report, hashes } };
});
