import { env } from "@/lib/env";
import { createId } from "@/lib/id";
import { log } from "@/lib/log";
import type { Backend } from "@/lib/ml/contract";
import { noteWorker, removeWorker } from "@/lib/workers";
import { runChild } from "./children";

/** While something is missing it may be set up meanwhile, and a training would notice at its start. */
const LOOK_AGAIN_MS = 5 * 60_000;
const LIMIT_MS = 60_000;

/** A worker's row for the operator: that it lives, and what its trainings compute with. */
export function createPresence(signal: AbortSignal) {
  const id = createId("worker");
  let backend: Backend | null = null;
  let isFirst = true;
  let lookedAt = 0;
  return {
    /** The first time it only says that it lives: a product that starts has better to do than to look. */
    async renew(): Promise<void> {
      const isKnown = backend !== null && backend.missing === null;
      if (!isFirst && !isKnown && Date.now() - lookedAt > LOOK_AGAIN_MS) {
        lookedAt = Date.now();
        backend = (await look(signal)) ?? backend;
      }
      isFirst = false;
      if (!signal.aborted) await noteWorker(id, backend);
    },
    end: () => removeWorker(id),
  };
}

async function look(signal: AbortSignal): Promise<Backend | null> {
  const threads = env().GRAFT_THREADS;
  const answer = await runChild(
    "backend-child",
    { kind: "backend", threads },
    { threads, signal, limitMs: LIMIT_MS },
  );
  if (answer?.kind !== "opened") return null;
  const { label, missing } = answer.backend;
  log().info({ backend: label, missing: missing?.reason }, "trainings compute with");
  return answer.backend;
}
