import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { STAGES } from "@/lib/ml/contract";
import { TrainingError } from "@/lib/ml/task";
import { DivergedError } from "@/lib/ml/train/diverged";
import { serveWorker } from "./child-side";
import type { Result } from "./messages";
import { FIXTURE_BACKEND, reportFixture, SEEDS } from "./report-fixture";

/** A training child for tests of the supervision: what it does is told by the order's seed. */
serveWorker("train", async ({ order, run }, say, signal) => {
  // Written beside the rows' cache, where the test looks, and reads what the test wants.
  const noteOf = (name: string) => join(run.cacheDir, name);
  writeFileSync(noteOf("pid"), String(process.pid));
  say({ kind: "backend", label: FIXTURE_BACKEND });
  const isOffering = order.seed === SEEDS.offers;
  if (order.seed === SEEDS.dies) process.exit(3);
  if (order.seed === SEEDS.isKilled) process.kill(process.pid, "SIGKILL");
  if (order.seed === SEEDS.overflows) overflow();
  if (order.seed === SEEDS.diverges) throw new DivergedError("the loss became NaN at step 3");
  if (order.seed === SEEDS.refuses) throw new TrainingError("one_class", "One class only.", "label");
  if (order.seed === SEEDS.hangs) for (;;);
  for (const stage of STAGES.slice(0, 5)) {
    say({ kind: "stage", stage, status: "running" });
    say({ kind: "progress", stage, done: 1, total: 2, metrics: { loss: 0.5 } });
    if (isOffering && stage === "fine-tune") {
      appendFileSync(join(run.checkpointDir, "attempts"), ".");
      const artifact = existsSync(noteOf("artifact")) ? readFileSync(noteOf("artifact"), "utf8") : "";
      say({ kind: "provisional", ...writeResult(join(run.dir, "first"), artifact) });
    }
    if ((isOffering || order.seed === SEEDS.waits) && stage === "fine-tune")
      while (!existsSync(noteOf("go")) && !signal.aborted) await pause(20);
    say({ kind: "stage", stage, status: "done" });
  }
  return { kind: "trained", ...writeResult(join(run.dir, "last"), "") };
});

/** Ends as V8 ends a process whose heap is full. */
function overflow(): never {
  writeSync(2, "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n");
  process.abort();
}

function writeResult(dir: string, artifact: string): Result {
  const [artifactDir, splitPath] = [join(dir, "artifact"), join(dir, "split")];
  mkdirSync(artifactDir, { recursive: true });
  writeFileSync(join(artifactDir, "manifest.json"), "{}");
  writeFileSync(splitPath, "");
  const report = { ...reportFixture, hashes: { ...reportFixture.hashes, artifact } };
  return { artifactDir, splitPath, report };
}
