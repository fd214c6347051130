import { openBackend } from "@/lib/ml/backend";
import { serveWorker } from "./child-side";

/** Finds out what a training of this machine would compute with, as a training does. */
serveWorker("backend", async ({ threads }) => ({
  kind: "opened",
  backend: await openBackend({ threads }),
}));
