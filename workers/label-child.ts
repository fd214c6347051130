import { labelTexts } from "@/lib/ml/labelling/label";
import { serveWorker } from "./child-side";

/** What a head thinks of the texts of a set that people label, and which texts they are asked about next. */
serveWorker("label", async ({ order, run }, say, signal) => {
  const done = await labelTexts(order, {
    ...run,
    signal,
    stage: () => {},
    progress: (stage, part, total) => say({ kind: "progress", stage, done: part, total }),
  });
  return { kind: "labelled", ...done };
});
