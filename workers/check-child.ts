import { TASKS } from "@/lib/ml/catalogue";
import { checkFile } from "@/lib/ml/data/check";
import { inspectFile } from "@/lib/ml/data/inspect";
import { type Task, TrainingError } from "@/lib/ml/task";
import { serveWorker } from "./child-side";

/** Looks at a file, then reads every row with the named columns, or with the guessed ones. */
serveWorker("check", async (order, say) => {
  const profile = await inspectFile(order.path, order.filename, order.reading);
  const columns = order.columns ?? profile.guess.columns;
  const task = (TASKS as Record<string, Task>)[order.task ?? profile.guess.task];
  if (!task) throw new TrainingError("task_unsupported", `There is no task ${order.task}.`, "task");
  const isMapped = task.roles.every((role) => !role.required || columns[role.name]);
  // Nothing was asked for and nothing could be guessed: a person will say which column is which.
  if (!order.columns && !isMapped) return { kind: "checked", profile, report: null, refusal: null };
  const { report, refusal } = await checkFile({
    path: order.path,
    reading: profile.reading,
    columns,
    roles: task.roles,
    corrections: order.corrections,
    rowsPath: order.rowsPath,
    rejectsPath: order.rejectsPath,
    workDir: order.workDir,
    ...(order.trainingRowsPath === null ? {} : { trainingRowsPath: order.trainingRowsPath }),
    onProgress: (share) => say({ kind: "progress", stage: "preprocess", done: share, total: 1 }),
  });
  return { kind: "checked", profile, report, refusal };
});
