import { setPriority } from "node:os";
import { TrainingError } from "@/lib/ml/task";
import { type Answer, type FromChild, toChildSchema } from "./messages";

/** The child's end of the channel. It lives for one order, and never longer than the worker that started it. */
const BEAT_MS = 2000;
type Order = Exclude<ReturnType<typeof toChildSchema.parse>, { kind: "stop" }>;
export type Say = (message: FromChild) => void;

export function serveWorker<K extends Order["kind"]>(
  kind: K,
  work: (order: Extract<Order, { kind: K }>, say: Say, signal: AbortSignal) => Promise<Answer>,
): void {
  // Answering customers goes first. Threads that are started later inherit this.
  setPriority(10);
  const stop = new AbortController();
  const say: Say = (message) => void process.send?.(message, undefined, undefined, () => {});
  process.on("disconnect", () => process.exit(1));
  // A worker that was killed while this process started: the event came before anybody listened.
  if (!process.connected) process.exit(1);
  setInterval(() => say({ kind: "beat" }), BEAT_MS);
  process.on("message", async (raw) => {
    const order = toChildSchema.parse(raw);
    if (order.kind === "stop") return stop.abort();
    const answer =
      order.kind === kind
        ? await work(order as Extract<Order, { kind: K }>, say, stop.signal).catch(toAnswer)
        : toAnswer(new Error(`this child does not ${order.kind}`));
    process.send?.(answer, undefined, undefined, () => process.exit(0));
  });
}

function toAnswer(error: unknown): Answer {
  if (error instanceof TrainingError)
    return { kind: "refused", code: error.code, message: error.message, param: error.param };
  return {
    kind: "crashed",
    message: error instanceof Error ? (error.stack ?? error.message) : String(error),
  };
}
