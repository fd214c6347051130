import { openBaseThread } from "./base-thread";
import { installedBase } from "./bases";
import { type Batcher, type BatchSeen, createBatcher } from "./batcher";
import { AppError, fail } from "./errors";
import { log } from "./log";
import { wholeBytes } from "./ml/base/forward";
import type { ForwardRequest, ForwardResult, Sequence, ServedWhole } from "./ml/task";
import { createSessionPool } from "./session-pool";

/**
 * Models that answer by a base which was tuned whole: each has a session with weights of its own, opened when it is asked
 * for, in a thread of its own, so that nobody else waits while it is. All together hold so many bytes (`session-pool.ts`).
 */
export interface ServingWholes {
  /** Rows of one such model; as `Batcher.run`. Throws `serving_unavailable` when it cannot be opened. */
  run(
    by: ForwardRequest & { whole: ServedWhole },
    tenantId: string,
    rows: readonly Sequence[],
    signal?: AbortSignal,
    endsAt?: number,
  ): Promise<ForwardResult[]>;
  waiting(): number;
  count(): number;
  sizeBytes(): number;
  /** Lets go of what was not asked for in a while: it may be a model that is deleted. */
  sweep(): void;
  close(): Promise<void>;
}
interface Session {
  batcher: Batcher;
  close(): Promise<void>;
}

/** Of a session beside its weights: the thread, and what the allocator keeps of the opening. MiniLM's 90 MB came to 190. */
const BESIDE_BYTES = 100_000_000;
const IDLE_MS = 15 * 60_000;
const RETRY_MS = 5000;

export function openServingWholes(options: {
  maxBytes: number;
  threads: number;
  /** The file that runs `runBaseThread` when it is started as a thread. */
  threadEntry: URL;
  onBatch?(base: string, seen: BatchSeen): void;
  onOpen?(base: string, ms: number): void;
}): ServingWholes {
  const pool = createSessionPool<Session>(options.maxBytes);

  async function open(
    key: string,
    dir: string,
    { base, whole, precision = "float32" }: ForwardRequest & { whole: ServedWhole },
    sizeBytes: number,
  ): Promise<Session> {
    const started = performance.now();
    const order = {
      ...{ dir, threads: options.threads, isPatient: true },
      whole: { ...whole, precision },
    };
    const gone = () => {
      pool.drop(key);
      log().error({ base }, "the thread of a tuned base ended");
    };
    try {
      const thread = await openBaseThread(options.threadEntry, order, gone);
      const ms = performance.now() - started;
      log().info({ base, sizeBytes, ms: Math.round(ms) }, "a tuned base was opened");
      options.onOpen?.(base, ms);
      const batcher = createBatcher({
        embed: thread.embed,
        onBatch: (seen) => options.onBatch?.(base, seen),
      });
      return { batcher, close: thread.close };
    } catch (error) {
      log().error({ base, error }, "a tuned base cannot be opened");
      throw new AppError("serving_unavailable", { retryAfterMs: RETRY_MS });
    }
  }

  return {
    async run(by, tenantId, rows, signal, endsAt) {
      const { base, whole, precision = "float32" } = by;
      const { dir, sha256 } = (await installedBase(base)) ?? fail("base_unavailable");
      const key = [sha256, precision, whole.key].join("/");
      const sizeBytes = BESIDE_BYTES + (await wholeBytes(dir, precision));
      return pool.use(
        key,
        { sizeBytes, open: () => open(key, dir, by, sizeBytes) },
        ({ batcher }) => batcher.run(tenantId, rows, signal, endsAt),
        signal,
      );
    },
    waiting: () => pool.sessions().reduce((sum, { batcher }) => sum + batcher.waiting(), 0),
    count: () => pool.sessions().length,
    sizeBytes: pool.sizeBytes,
    sweep: () => pool.sweep(performance.now() - IDLE_MS),
    close: pool.close,
  };
}
