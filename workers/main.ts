import { closePools } from "@/db/index";
import { log } from "@/lib/log";
import { closeQueues } from "@/lib/queue";
import { startWorker } from "./worker";

/** The process: it stops in order when told to, and with the process that started it. */
const STOP_MS = 20_000;
const PARENT_LOOK_MS = 1000;

const worker = await startWorker();
let isStopping = false;

async function stop(why: string): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  log().info({ why }, "worker stops");
  setTimeout(() => process.exit(1), STOP_MS).unref();
  await worker.close();
  await closeQueues();
  await closePools();
  process.exit(0);
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
process.on("disconnect", () => void stop("the supervisor is gone"));
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) void stop("the parent is gone");
}, PARENT_LOOK_MS).unref();
