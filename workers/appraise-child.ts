import { appraise } from "@/lib/ml/appraisal/appraise";
import { serveWorker } from "./child-side";

/** What can be told of a sample before anything is trained: sums and names of classes, never a row. */
serveWorker("appraise", async ({ order, run }, say, signal) => {
  const report = await appraise(order, {
    ...run,
    signal,
    stage: () => {},
    progress: (stage, part, total) => say({ kind: "progress", stage, done: part, total }),
  });
  return { kind: "appraised", report };
});
