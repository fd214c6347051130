import { openBackend } from "@/lib/ml/backend";
import { TASKS } from "@/lib/ml/catalogue";
import { type Task, TrainingError } from "@/lib/ml/task";
import { serveWorker } from "./child-side";

/** One training: stages preprocess to evaluate. It writes below its run folder and nowhere else. */
serveWorker("train", async ({ task: taskId, order, run }, say, signal) => {
  const task = (TASKS as Record<string, Task>)[taskId];
  if (!task) throw new TrainingError("task_unsupported", `There is no task ${taskId}.`, "graft.task");
  // The same one that the engine opens; said first, so that a training that fails or waits says it too.
  const { label } = await openBackend({ threads: run.threads });
  say({ kind: "backend", label });
  const engine = await task.engine();
  const result = await engine.train(order, {
    ...run,
    signal,
    stage: (stage, status, reason) =>
      say({ kind: "stage", stage, status, ...(reason === undefined ? {} : { reason }) }),
    progress: (stage, done, total, metrics) =>
      say({ kind: "progress", stage, done, total, ...(metrics ? { metrics } : {}) }),
    log: (level, message, data) => say({ kind: "log", level, message, ...(data ? { data } : {}) }),
    provisional: (made) => say({ kind: "provisional", ...made }),
  });
  return { kind: "trained", ...result };
});
