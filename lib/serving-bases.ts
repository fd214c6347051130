import { openBaseThread } from "./base-thread";
import { installedBase, isDamagedBase } from "./bases";
import { type Batcher, type BatchSeen, createBatcher } from "./batcher";
import { AppError } from "./errors";
import { log } from "./log";
import { openTokenizer } from "./ml/base/tokenizer";
import { BASES } from "./ml/catalogue";
import type { Tokenize, TokenizerSource } from "./ml/task";

/** The pretrained bases that serve holds open: one tokenizer, two threads with a session and one batcher each. */
export interface ServingBase {
  tokenize: Tokenize;
  batcher: Batcher;
  close(): Promise<void>;
}
export type BaseState = "closed" | "opening" | "ready" | "absent" | "failed";
export interface ServingBases {
  /** Opens it at the first call. Throws `base_unavailable`, `base_damaged` or `serving_unavailable`. */
  get(id: string): Promise<ServingBase>;
  /** Throws `overloaded` where the base would not come to so many rows more; nothing where it is not open. */
  assertRoom(id: string, ...of: Parameters<Batcher["assertRoom"]>): void;
  tokenizers: TokenizerSource;
  state(id: string): BaseState;
  waiting(): number;
  close(): Promise<void>;
}

/** An absent base may be installed while we run, and a failed one may have been half written. */
const RETRY_MS = 5000;

export function openServingBases(options: {
  threads: number;
  /** The file that runs `runBaseThread` when it is started as a thread. */
  threadEntry: URL;
  onBatch?(base: string, seen: BatchSeen): void;
}): ServingBases {
  const states = new Map<string, { state: BaseState; since: number; base: Promise<ServingBase | null> }>();
  const opened = new Map<string, ServingBase>();

  /** A thread that ended by itself (out of memory) is opened again by the next call. */
  function gone(id: string): void {
    void opened.get(id)?.close();
    states.delete(id);
    opened.delete(id);
    log().error({ base: id }, "the thread of the base ended");
  }

  async function open(id: keyof typeof BASES): Promise<ServingBase | null> {
    const files = await installedBase(id);
    if (!files) return null;
    const { maxTokens } = BASES[id];
    const openThread = (threads: number, isPatient: boolean) =>
      openBaseThread(options.threadEntry, { dir: files.dir, threads, isPatient }, () => gone(id));
    const tokenize = await openTokenizer(files.dir, maxTokens);
    const bulk = await openThread(options.threads, true);
    // A single row gains little from a second core, which a large batch has taken anyway.
    const soon = await openThread(1, false).catch(async (error: unknown) => {
      await bulk.close();
      throw error;
    });
    const batcher = createBatcher({
      ...{ embed: bulk.embed, embedSoon: soon.embed },
      onBatch: (seen) => options.onBatch?.(id, seen),
    });
    const close = async () => {
      await Promise.all([bulk.close(), soon.close()]);
    };
    return { tokenize, batcher, close };
  }

  function begin(id: keyof typeof BASES) {
    const entry = { state: "opening" as BaseState, since: Date.now(), base: open(id) };
    states.set(id, entry);
    entry.base.then(
      (base) => {
        Object.assign(entry, { state: base ? "ready" : "absent", since: Date.now() });
        if (base) opened.set(id, base);
      },
      (error: unknown) => {
        Object.assign(entry, { state: "failed", since: Date.now() });
        log().error({ base: id, error }, "the base cannot be opened");
      },
    );
    return entry;
  }

  async function get(id: string): Promise<ServingBase> {
    if (!Object.hasOwn(BASES, id)) throw new AppError("base_unavailable");
    let entry = states.get(id);
    const isOver = entry?.state === "absent" || entry?.state === "failed";
    if (!entry || (isOver && Date.now() - entry.since > RETRY_MS)) entry = begin(id as keyof typeof BASES);
    const base = await entry.base.catch((error: unknown) => {
      if (isDamagedBase(error)) throw error;
      throw new AppError("serving_unavailable", { retryAfterMs: RETRY_MS });
    });
    if (!base)
      throw new AppError("base_unavailable", {
        message: `The pretrained base \`${id}\` is not installed here. Ask your provider to add it.`,
        param: "model",
      });
    return base;
  }

  return {
    get,
    assertRoom: (id, ...of) => opened.get(id)?.batcher.assertRoom(...of),
    tokenizers: async (id) => (await get(id)).tokenize,
    state: (id) => states.get(id)?.state ?? "closed",
    waiting: () => [...opened.values()].reduce((sum, base) => sum + base.batcher.waiting(), 0),
    async close() {
      await Promise.allSettled([...opened.values()].map((base) => base.close()));
      opened.clear();
      states.clear();
    },
  };
}
