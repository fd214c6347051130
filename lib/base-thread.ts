import { readdirSync, readlinkSync } from "node:fs";
import { setPriority } from "node:os";
import { basename } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parentPort, Worker as Thread, workerData } from "node:worker_threads";
import { type OpenBase, OTHER_WEIGHTS, openFor } from "./ml/base/forward";
import type { Precision } from "./ml/contract";
import type { ForwardResult, Sequence, ServedAdapter, ServedWhole } from "./ml/task";

/**
 * A base's session in a thread of its own: ONNX Runtime's `run` holds the thread that calls it for the whole
 * pass (measured: 64 rows of 64 tokens stop the event loop for 325 ms), and serve must answer meanwhile.
 */
interface Order {
  dir: string;
  threads: number;
  /** Its threads leave the cores to those that answer when both want them. */
  isPatient?: boolean;
  /** The base as it was tuned whole, and in which precision it answers. */
  whole?: ServedWhole & { precision: Precision };
}
interface NamedSequence extends Omit<Sequence, "adapter" | "whole"> {
  key?: string;
}
/** Adapters go over once and are named from then on; the rows of a batch name theirs. */
type Ask =
  | { id: number; batch: readonly NamedSequence[] }
  | { adapter: ServedAdapter }
  | { forget: string }
  | { end: true };
type Answer = { id: number; vectors: ForwardResult[] } | { id: number; error: string };
/** Adapters that the thread remembers, some 300 kB each; more than the rows of any batch. */
const MAX_ADAPTERS = 512;
const END_MS = 5000;
/** Of 19; a third of an equal's share while both run. */
const NICE = 5;
/** What the thread says first, under this id. */
const OPENED = -1;

/** The thread's side; the entry calls it when it finds itself inside a thread. */
export async function runBaseThread(): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error("this is not a thread");
  const say = (answer: Answer) => port.postMessage(answer);
  const failed = (id: number) => (error: unknown) =>
    say({ id, error: error instanceof Error ? error.message : String(error) });
  const order = workerData as Order;
  const { dir, threads, isPatient, whole } = order;
  const before = new Set(threadsHere());
  const options = { threads, areAwake: true };
  const weights = whole ? { whole, precision: whole.precision } : {};
  const base = await openFor(dir, weights, options).catch(failed(OPENED));
  if (!base) return;
  // The session has its own copy, and what a thread was started with lives as long as it.
  const own = whole && { whole: { key: whole.key, change: new Float32Array(0) } };
  delete order.whole;
  if (own) setImmediate(forgetOpening);
  if (isPatient) beNice(threadsHere().filter((id) => !before.has(id)));
  const adapters = new Map<string, ServedAdapter>();
  const sequenceOf = ({ key, ...sequence }: NamedSequence): Sequence => {
    const adapter = key === undefined ? undefined : adapters.get(key);
    if (key !== undefined && !adapter) throw new Error("an adapter was not handed over");
    return { ...sequence, ...(adapter && { adapter }), ...own };
  };
  port.on("message", (ask: Ask) => {
    if ("adapter" in ask) adapters.set(ask.adapter.key, ask.adapter);
    else if ("forget" in ask) adapters.delete(ask.forget);
    else if ("end" in ask) void base.close().finally(() => port.close());
    else
      Promise.resolve(ask.batch.map(sequenceOf))
        .then((batch) => base.embed(batch))
        .then((vectors) => say({ id: ask.id, vectors }), failed(ask.id));
  });
  say({ id: OPENED, vectors: [] });
}

/**
 * The base, the change and the graph that a session was made of. A thread that rests would not look for them: MiniLM's would
 * stay at 300 MB instead of 190.
 */
function forgetOpening(): void {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
}

/** Linux's ids of this process's threads; none elsewhere. */
function threadsHere(): number[] {
  try {
    return readdirSync("/proc/self/task").map(Number);
  } catch {
    return [];
  }
}

/**
 * A large batch would take its share of every core from the event loop, which has a moment's work for each of many calls.
 * Linux gives every thread a priority of its own; elsewhere nothing happens.
 */
function beNice(pool: readonly number[]): void {
  try {
    const own = Number(basename(readlinkSync("/proc/thread-self")));
    for (const id of [own, ...pool]) setPriority(id, NICE);
  } catch {
    // Another system, or one that does not allow it: the cores are shared alike.
  }
}

/** A bundle runs as it is; in development tsx has to be told again, since a thread does not inherit it. */
function startThread(entry: URL, order: Order): Thread {
  if (!entry.pathname.endsWith(".ts")) return new Thread(entry, { workerData: order });
  const code = `import("tsx/esm/api").then((tsx) => { tsx.register(); return import(${JSON.stringify(entry.href)}); });`;
  return new Thread(code, { eval: true, workerData: order });
}

/** Opens a base in a thread that runs `entry`. `onGone` is called when the thread ends by itself. */
export async function openBaseThread(entry: URL, order: Order, onGone: () => void): Promise<OpenBase> {
  const thread = startThread(entry, order);
  const key = order.whole?.key;
  const open = new Map<number, { done(vectors: ForwardResult[]): void; fail(error: Error): void }>();
  let count = 0;
  let isClosed = false;
  const wait = (id: number) =>
    new Promise<ForwardResult[]>((done, fail) => {
      open.set(id, { done, fail });
    });
  const failAll = (error: Error) => {
    for (const asked of open.values()) asked.fail(error);
    open.clear();
  };
  thread.on("message", (answer: Answer) => {
    const asked = open.get(answer.id);
    open.delete(answer.id);
    if ("error" in answer) asked?.fail(new Error(answer.error));
    else asked?.done(answer.vectors);
  });
  thread.on("error", failAll);
  thread.on("exit", () => {
    failAll(new Error("the thread of the base ended"));
    if (!isClosed) onGone();
  });
  const tell = (ask: Ask) => thread.postMessage(ask);
  const gone = new Promise<void>((done) => thread.once("exit", () => done()));
  const close = async () => {
    isClosed = true;
    tell({ end: true });
    // Ended from outside in the middle of a pass, ONNX Runtime would take the whole process along.
    const tooLate = setTimeout(() => void thread.terminate(), END_MS);
    await gone;
    clearTimeout(tooLate);
  };
  /** In the order of their last use. */
  const handed = new Set<string>();
  function handOver(adapter: ServedAdapter): void {
    if (!handed.delete(adapter.key)) tell({ adapter });
    handed.add(adapter.key);
    const [oldest] = handed;
    if (handed.size <= MAX_ADAPTERS || oldest === undefined) return;
    handed.delete(oldest);
    tell({ forget: oldest });
  }
  await wait(OPENED).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    embed(batch) {
      if (isClosed) return Promise.reject(new Error("the base is closed"));
      if (batch.some(({ whole }) => whole?.key !== key)) return Promise.reject(new Error(OTHER_WEIGHTS));
      const id = count++;
      for (const { adapter } of batch) if (adapter) handOver(adapter);
      const rows = batch.map(
        ({ ids, isPerToken = false, precision = "float32", adapter, scale = 1 }): NamedSequence =>
          adapter ? { ids, isPerToken, precision, key: adapter.key, scale } : { ids, isPerToken, precision },
      );
      tell({ id, batch: rows });
      return wait(id);
    },
    close,
  };
}
