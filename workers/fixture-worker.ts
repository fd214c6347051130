import { fileURLToPath } from "node:url";
import { startWorker } from "./worker";

/** A worker in a process of its own, with the child of the tests, for a test that kills it. */
await startWorker({
  trainEntry: fileURLToPath(new URL("./fixture-child.ts", import.meta.url)),
  sweepMs: 200,
  staleMs: 4000,
});
process.send?.("ready");
process.on("disconnect", () => process.exit(1));
