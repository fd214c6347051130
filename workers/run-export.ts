import { AppError } from "@/lib/errors";
import type { RunExport } from "@/lib/model-export";
import { runChild } from "./children";

const LIMIT_MS = 5 * 60_000;

/**
 * Exports of this process, one after the other: each holds a base twice in the memory of its child. A child that ends
 * without an answer is our failure, and its log says why.
 */
export function createExporter(threads: number): RunExport {
  let last: Promise<unknown> = Promise.resolve();
  return ({ task, texts, zipPath, ...order }, signal) => {
    const run = async () => {
      const message = { kind: "export" as const, task, texts, zipPath, order: { ...order, threads } };
      const answer = await runChild("export-child", message, { threads, signal, limitMs: LIMIT_MS });
      if (answer?.kind !== "exported") throw new AppError("internal_error");
    };
    const mine = last.then(run);
    last = mine.catch(() => {});
    return mine;
  };
}
