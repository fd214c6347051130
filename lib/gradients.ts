import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { setPriority } from "node:os";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import { childEnvironment } from "./env";
import { AppError } from "./errors";
import type { GradientOrder, LabelGradients } from "./ml/report/integrated-gradients";

/**
 * Gradients through a base, in a process of their own: they hold their thread for seconds, the native TensorFlow does
 * not live in threads, and the memory goes when nobody has asked for a while. Serve answers everybody meanwhile.
 */
interface Question extends GradientOrder {
  /** The base's folder. */
  dir: string;
}
/** One for each question, and an empty one when the child listens: what is sent before that would be lost. */
type Answer = { found: LabelGradients[] } | { error: string };

export interface Gradients {
  /** Throws `overloaded` when too many wait or it takes too long, and when the caller has gone. */
  integrate(dir: string, order: GradientOrder, signal: AbortSignal): Promise<LabelGradients[]>;
  close(): void;
}

/** One is computed at a time, the others wait. */
const MOST_OPEN = 4;
/** For one text, the start of the process included. */
const LIMIT_MS = 30_000;
const IDLE_MS = 60_000;
const RETRY_MS = 5000;

/** The child's side. It lives as long as its channel, and no longer. */
export async function runGradientChild(): Promise<void> {
  setPriority(10);
  process.on("disconnect", () => process.exit(0));
  const [{ openBackend }, { openEncoder }, { integrateGradients }] = await Promise.all([
    import("./ml/backend"),
    import("./ml/base/encoder"),
    import("./ml/report/integrated-gradients"),
  ]);
  await openBackend();
  const encoders = new Map<string, ReturnType<typeof openEncoder>>();
  const say = (answer: Answer) => process.send?.(answer);
  process.on("message", ({ dir, ...order }: Question) => {
    const encoder = encoders.get(dir) ?? openEncoder(dir);
    encoders.set(dir, encoder);
    encoder
      .then((opened) => say({ found: integrateGradients(opened, order) }))
      .catch((error: unknown) => say({ error: error instanceof Error ? error.message : String(error) }));
  });
  say({ found: [] });
}

/** @param entry the program that calls `runGradientChild`; the first question starts it. */
export function openGradients(entry: URL, threads: number): Gradients {
  let child: ChildProcess | undefined;
  let idle: NodeJS.Timeout | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let open = 0;

  function stop(): void {
    clearTimeout(idle);
    child?.kill("SIGKILL");
    child = undefined;
  }

  async function start(signal: AbortSignal): Promise<ChildProcess> {
    child = fork(fileURLToPath(entry), [], {
      execArgv: extname(entry.pathname) === ".ts" ? ["--import", "tsx"] : [],
      env: childEnvironment(threads),
      stdio: ["ignore", "ignore", "inherit", "ipc"],
      // Typed arrays as they are.
      serialization: "advanced",
    });
    await hear(child, signal);
    return child;
  }

  /** Whatever goes wrong ends the child, since it cannot be interrupted; the next question starts another. */
  async function ask(question: Question, caller: AbortSignal): Promise<LabelGradients[]> {
    const signal = AbortSignal.any([caller, AbortSignal.timeout(LIMIT_MS)]);
    clearTimeout(idle);
    try {
      signal.throwIfAborted();
      const asked = child ?? (await start(signal));
      const answer = hear(asked, signal);
      asked.send(question);
      return await answer;
    } catch (error) {
      stop();
      throw signal.aborted ? new AppError("overloaded", { retryAfterMs: RETRY_MS }) : error;
    } finally {
      idle = setTimeout(stop, IDLE_MS).unref();
    }
  }

  return {
    async integrate(dir, order, signal) {
      if (open >= MOST_OPEN) throw new AppError("overloaded", { retryAfterMs: RETRY_MS });
      open += 1;
      const own = turn.then(() => ask({ dir, ...order }, signal));
      turn = own.catch(() => {});
      return own.finally(() => {
        open -= 1;
      });
    },
    close: stop,
  };
}

/** What the child says next; throws when it ends instead, and when the signal is first. */
async function hear(child: ChildProcess, signal: AbortSignal): Promise<LabelGradients[]> {
  const over = new AbortController();
  const until = { signal: AbortSignal.any([signal, over.signal]) };
  const ended = once(child, "exit", until).then(() => {
    throw new Error("the process of the gradients ended");
  });
  try {
    const [answer] = (await Promise.race([once(child, "message", until), ended])) as [Answer];
    if ("error" in answer) throw new Error(answer.error);
    return answer.found;
  } finally {
    over.abort();
  }
}
