import { parentPort, Worker as Thread, workerData } from "node:worker_threads";
import { type OpenBase, openBase } from "./ml/base/forward";

/**
 * A base's session in a thread of its own: ONNX Runtime's `run` holds the thread that calls it for the whole
 * pass (measured: 64 rows of 64 tokens stop the event loop for 325 ms), and serve must answer meanwhile.
 */
interface Order {
  dir: string;
  threads: number;
}
type Ask = { id: number; batch: readonly Int32Array[] };
type Answer = { id: number; vectors: Float32Array[] } | { id: number; error: string };
/** What the thread says first, under this id. */
const OPENED = -1;

/** The thread's side; the entry calls it when it finds itself inside a thread. */
export async function runBaseThread(): Promise<void> {
  const port = parentPort;
  if (!port) throw new Error("this is not a thread");
  const say = (answer: Answer) => port.postMessage(answer);
  const failed = (id: number) => (error: unknown) =>
    say({ id, error: error instanceof Error ? error.message : String(error) });
  const { dir, threads } = workerData as Order;
  const base = await openBase(dir, { threads }).catch(failed(OPENED));
  if (!base) return;
  port.on("message", ({ id, batch }: Ask) => {
    base.embed(batch).then((vectors) => say({ id, vectors }), failed(id));
  });
  say({ id: OPENED, vectors: [] });
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
  const open = new Map<number, { done(vectors: Float32Array[]): void; fail(error: Error): void }>();
  let count = 0;
  let isClosed = false;
  const wait = (id: number) =>
    new Promise<Float32Array[]>((done, fail) => {
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
  const close = async () => {
    isClosed = true;
    await thread.terminate();
  };
  await wait(OPENED).catch(async (error: unknown) => {
    await close();
    throw error;
  });
  return {
    embed(batch) {
      if (isClosed) return Promise.reject(new Error("the base is closed"));
      const id = count++;
      thread.postMessage({ id, batch } satisfies Ask);
      return wait(id);
    },
    close,
  };
}
