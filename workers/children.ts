import { type ChildProcess, fork } from "node:child_process";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "@/lib/env";
import { log } from "@/lib/log";
import {
  type Answer,
  type AppraiseOrder,
  type BackendOrder,
  type CheckOrder,
  type ExportOrder,
  fromChildSchema,
  isAnswer,
  type LabelOrder,
  type News,
  type TrainOrder,
} from "./messages";

/** One process a piece of work: files in, files out, messages between. A defect or an abort ends it alone. */
export type ChildName =
  | "check-child"
  | "train-child"
  | "backend-child"
  | "export-child"
  | "label-child"
  | "appraise-child";
export interface ChildOptions {
  threads: number;
  signal: AbortSignal;
  /** A child beats every two seconds; one that says nothing for so long hangs, or computes without a pause. */
  silentMs?: number;
  limitMs?: number;
  onNews?: (news: News) => void;
  /** Another program that speaks the same messages. */
  entry?: string;
}

const SILENT_MS = 5 * 60_000;
/** Between asking a child to stop and making it. */
const GRACE_MS = 5000;
const STDERR_BYTES = 4000;

/** The last words of V8, of C++ and of TensorFlow. */
const FULL = /heap out of memory|Array buffer allocation failed|std::bad_alloc|OOM when allocating/;

/** Beside this file: a bundle in production, a source that tsx runs otherwise. */
function entryOf(name: ChildName): string {
  const own = fileURLToPath(import.meta.url);
  return fileURLToPath(new URL(`./${name}${extname(own)}`, import.meta.url));
}

function start(entry: string, threads: number): ChildProcess {
  return fork(entry, [], {
    execArgv: extname(entry) === ".ts" ? ["--import", "tsx"] : [],
    env: childEnvironment(threads),
    stdio: ["ignore", "ignore", "pipe", "ipc"],
  });
}

/** The child's answer; `crashed` when it ended without one, null when it was stopped by the signal. */
export function runChild(
  name: ChildName,
  order: CheckOrder | TrainOrder | BackendOrder | ExportOrder | LabelOrder | AppraiseOrder,
  options: ChildOptions,
): Promise<Answer | null> {
  if (options.signal.aborted) return Promise.resolve(null);
  const child = start(options.entry ?? entryOf(name), options.threads);
  const timers = watch(child, options);
  let answer: Answer | undefined;
  let errors = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    errors = (errors + chunk.toString()).slice(-STDERR_BYTES);
  });
  child.on("message", (raw) => {
    timers.heard();
    const message = fromChildSchema.safeParse(raw);
    if (!message.success) {
      answer = { kind: "crashed", message: `a message of the child is not valid: ${message.error.message}` };
      child.kill("SIGKILL");
    } else if (isAnswer(message.data)) {
      answer ??= message.data;
      timers.ending();
    } else options.onNews?.(message.data);
  });
  return new Promise((resolve) => {
    const finish = (how: string, signal?: NodeJS.Signals | null) => {
      timers.clear();
      if (options.signal.aborted) return resolve(null);
      const ended = answer ?? { kind: "crashed", message: timers.why() ?? how };
      if (ended.kind !== "crashed") return resolve(ended);
      // A kill that was none of ours is the system's, which does so when memory runs out.
      const isKilled = !answer && signal === "SIGKILL" && !timers.why();
      const isOutOfMemory = isKilled || FULL.test(errors + ended.message);
      // Not the customer's words: a stack of ours.
      log().error({ child: name, how, isOutOfMemory, errors, message: ended.message }, "child ended early");
      resolve(isOutOfMemory ? { ...ended, isOutOfMemory } : ended);
    };
    child.on("error", (error) => finish(error.message));
    child.on("close", (code, signal) => finish(`exit ${code ?? signal}`, signal));
    child.send(order, (error) => {
      if (error) timers.end(`the order was not sent: ${error.message}`);
    });
  });
}

/** Stops a child that is told to, that is silent, or that takes too long. */
function watch(child: ChildProcess, { signal, silentMs = SILENT_MS, limitMs }: ChildOptions) {
  let why: string | undefined;
  let silence: NodeJS.Timeout;
  const end = (reason: string) => {
    why ??= reason;
    child.kill("SIGKILL");
  };
  const kill = (reason: string) => () => end(reason);
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(kill("the child went silent"), silentMs);
  };
  let grace: NodeJS.Timeout | undefined;
  const ending = () => {
    grace ??= setTimeout(kill("the child did not end"), GRACE_MS);
  };
  const stop = () => {
    if (child.connected) child.send({ kind: "stop" }, () => {});
    ending();
  };
  const limit = limitMs ? setTimeout(kill("the child took too long"), limitMs) : undefined;
  signal.addEventListener("abort", stop, { once: true });
  heard();
  return {
    heard,
    ending,
    end,
    why: () => why,
    clear: () => {
      for (const timer of [silence, grace, limit]) clearTimeout(timer);
      signal.removeEventListener("abort", stop);
    },
  };
}
