import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { STAGES } from "@/lib/ml/contract";
import { TrainingError } from "@/lib/ml/task";
import { serveWorker } from "./child-side";
import { reportFixture, SEEDS } from "./report-fixture";

/** A training child for tests of the supervision: what it does is told by the order's seed. */
serveWorker("train", async ({ order, run }, say, signal) => {
  // Written beside the rows' cache, where the test looks.
  const note = (name: string) => writeFileSync(join(run.cacheDir, name), String(process.pid));
  note("pid");
  if (order.seed === SEEDS.dies) process.kill(process.pid, "SIGKILL");
  if (order.seed === SEEDS.refuses) throw new TrainingError("one_class", "One class only.", "label");
  if (order.seed === SEEDS.hangs) for (;;);
  for (const stage of STAGES.slice(0, 5)) {
    say({ kind: "stage", stage, status: "running" });
    say({ kind: "progress", stage, done: 1, total: 2, metrics: { loss: 0.5 } });
    if (order.seed === SEEDS.waits && stage === "fine-tune")
      while (!existsSync(join(run.cacheDir, "go")) && !signal.aborted) await pause(20);
    say({ kind: "stage", stage, status: "done" });
  }
  const artifactDir = join(run.dir, "artifact");
  mkdirSync(artifactDir);
  writeFileSync(join(artifactDir, "manifest.json"), "{}");
  const splitPath = join(run.dir, "split");
  writeFileSync(splitPath, "");
  return { kind: "trained", artifactDir, splitPath, report: reportFixture };
});
