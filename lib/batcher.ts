import { AppError } from "./errors";
import { createFairQueue, type Waiting } from "./fair-queue";
import type { ForwardResult, Sequence } from "./ml/task";

/**
 * Micro-batches for one base, across tenants and models. A row that comes while nothing runs goes at once; what comes
 * while a batch runs waits for it and goes together. Tenants share the base by tokens (`fair-queue.ts`), so a call of
 * 2,048 rows does not hold up another tenant's single one for longer than the batch that is running; and where there is
 * a lane for single rows, not even for that: a few rows of who has nothing running go beside a large batch.
 */
export interface Batcher {
  /**
   * Answers in the order of `rows`. Throws `overloaded` when the queue is full, or would not come to them before `endsAt` (as
   * `performance.now()` counts): what is begun and not waited for is computed for nobody. Throws the signal's reason on abort.
   */
  run(
    tenantId: string,
    rows: readonly Sequence[],
    signal?: AbortSignal,
    endsAt?: number,
  ): Promise<ForwardResult[]>;
  /** Throws `overloaded` where `run` would: for who has not made the rows yet. */
  assertRoom(tenantId: string, rows: number, endsAt?: number): void;
  waiting(): number;
}
export interface BatchSeen {
  lane: "bulk" | "soon";
  rows: number;
  tenants: number;
  tokens: number;
  ms: number;
}
interface Options {
  embed(batch: readonly Sequence[]): Promise<ForwardResult[]>;
  /** The same base in another thread, for what must not wait. */
  embedSoon?(batch: readonly Sequence[]): Promise<ForwardResult[]>;
  /** Padded: rows times the longest row. Beyond a thousand a CPU gets no faster, and single rows wait longer. */
  maxTokens?: number;
  maxRows?: number;
  maxWaiting?: number;
  /** One tenant's share of the queue: it must not be the reason why others are turned away. */
  maxWaitingOfTenant?: number;
  onBatch?(seen: BatchSeen): void;
}
interface Call {
  tenantId: string;
  results: ForwardResult[];
  waiting: number;
  left: number;
  isOver: boolean;
  settle(error?: unknown): void;
}
interface Item extends Waiting {
  call: Call;
  index: number;
  sequence: Sequence;
}
type Lane = BatchSeen["lane"];

/** Rows of one batch are padded to the longest: mixing lengths would compute padding. */
const LENGTHS = [16, 32, 64, 128, 256, Number.POSITIVE_INFINITY];
/** Rows with adapters, and rows in int8, run in graphs of their own, so they are batched among themselves, whosever they are. */
const LINES = LENGTHS.length * 4;
const lineOf = ({ ids, adapter, precision }: Sequence) =>
  LENGTHS.findIndex((length) => ids.length <= length) +
  LENGTHS.length * ((adapter ? 1 : 0) + (precision === "int8" ? 2 : 0));

/** What is few: it goes beside a batch of others that is worth not waiting for, and does not join one either. */
const FEW = { rows: 4, tokens: 128 };
const LARGE = { rows: 6, tokens: 96 };
/** What comes a moment too late was computed for nobody, so the guess is taken with some room. */
const MARGIN = 1.4;
/** Slow, for the advice when to come back. */
const RATE_UNKNOWN = 50;

export function createBatcher(options: Options): Batcher {
  const { maxTokens = 1024, maxRows = 64, maxWaiting = 32_768, maxWaitingOfTenant = 16_384 } = options;
  const queue = createFairQueue<Item>(LINES);
  const busy: Record<Lane, boolean> = { bulk: false, soon: false };
  /** Padded tokens of the batch that runs in bulk. */
  let bulk = 0;
  /** Rows that are computed now, by tenant. */
  const running = new Map<string, number>();
  /** Rows a second while rows wait; unknown until they do. */
  let rate: number | null = null;

  function takeBatch(
    most: { rows: number; tokens: number },
    may?: (tenantId: string, waiting: number) => boolean,
  ) {
    const first = queue.take({ may });
    if (!first) return [];
    const batch = [first];
    const { line } = first;
    let longest = first.tokens;
    while (batch.length < most.rows) {
      const next = queue.take({
        line,
        may,
        fits: ({ tokens }) => (batch.length + 1) * Math.max(longest, tokens) <= most.tokens,
      });
      if (!next) break;
      longest = Math.max(longest, next.tokens);
      batch.push(next);
    }
    for (const { call } of batch) call.waiting--;
    return batch;
  }

  const take: Record<Lane, () => Item[]> = {
    bulk: () => takeBatch({ rows: maxRows, tokens: maxTokens }),
    soon: () =>
      takeBatch(FEW, (tenantId, waiting) => {
        const isWorthIt = bulk >= LARGE.tokens || queue.waiting() - waiting >= LARGE.rows;
        return isWorthIt && waiting <= FEW.rows && !running.has(tenantId);
      }),
  };
  const embedIn = { bulk: options.embed, soon: options.embedSoon };

  function count(batch: readonly Item[], by: 1 | -1): void {
    for (const { tenantId } of batch) {
      const rows = (running.get(tenantId) ?? 0) + by;
      if (rows > 0) running.set(tenantId, rows);
      else running.delete(tenantId);
    }
  }

  async function runBatch(lane: Lane, batch: readonly Item[], embed: Options["embed"]): Promise<void> {
    const started = performance.now();
    const isBusy = queue.waiting() > 0;
    count(batch, 1);
    if (lane === "bulk") bulk = batch.length * Math.max(...batch.map(({ tokens }) => tokens));
    try {
      const vectors = await embed(batch.map((item) => item.sequence));
      void handOut(batch, vectors);
    } catch (error) {
      for (const { call } of batch) call.settle(error);
    }
    if (lane === "bulk") bulk = 0;
    count(batch, -1);
    const ms = performance.now() - started;
    const rows = (batch.length * 1000) / Math.max(1, ms);
    if (lane === "bulk" && isBusy) rate = rate === null ? rows : 0.8 * rate + 0.2 * rows;
    const tokens = batch.reduce((sum, item) => sum + item.tokens, 0);
    const tenants = new Set(batch.map((item) => item.tenantId)).size;
    options.onBatch?.({ lane, rows: batch.length, tenants, tokens, ms });
  }

  /** While the next batch runs, and a call a turn of the event loop: writing answers must not hold up who comes in. */
  async function handOut(batch: readonly Item[], vectors: readonly ForwardResult[]): Promise<void> {
    for (const [n, { call, index }] of batch.entries()) {
      const vector = vectors[n];
      if (!vector) call.settle(new Error("the base answered fewer rows than it was asked"));
      else call.results[index] = vector;
      if (vector && --call.left > 0) continue;
      call.settle();
      await new Promise((done) => setImmediate(done));
    }
  }

  function start(lane: Lane): void {
    const embed = embedIn[lane];
    const batch = busy[lane] || !embed ? [] : take[lane]();
    if (!embed || batch.length === 0) return;
    busy[lane] = true;
    void runBatch(lane, batch, embed).finally(() => {
      busy[lane] = false;
      work();
    });
  }
  /** The few first, so that they are in no large batch; and once more, for who turns out to have nothing in the new one. */
  function work(): void {
    start("soon");
    start("bulk");
    start("soon");
  }
  let isWoken = false;
  /** Calls that arrive in the same turn of the event loop share a batch. */
  function wake(): void {
    if (isWoken) return;
    isWoken = true;
    setImmediate(() => {
      isWoken = false;
      work();
    });
  }

  function assertRoom(tenantId: string, rows: number, endsAt = Number.POSITIVE_INFINITY): void {
    const own = queue.waiting(tenantId);
    const tenants = queue.tenants() + (own > 0 ? 0 : 1);
    const expectedMs = (1000 * (own + rows) * tenants) / (rate ?? RATE_UNKNOWN);
    const hasRoom = queue.waiting() + rows <= maxWaiting && own + rows <= maxWaitingOfTenant;
    // Who is first is answered whatever it takes: the guess is not that good.
    const isInTime = own === 0 || rate === null || performance.now() + MARGIN * expectedMs <= endsAt;
    if (hasRoom && isInTime) return;
    throw new AppError("overloaded", { retryAfterMs: Math.min(10_000, Math.max(500, expectedMs)) });
  }

  return {
    assertRoom,
    waiting: () => queue.waiting(),
    async run(tenantId, rows, signal, endsAt) {
      signal?.throwIfAborted();
      if (rows.length === 0) return [];
      assertRoom(tenantId, rows.length, endsAt);
      return new Promise<ForwardResult[]>((resolve, reject) => {
        const onAbort = () => call.settle(signal?.reason);
        const call: Call = {
          tenantId,
          results: new Array(rows.length),
          waiting: rows.length,
          left: rows.length,
          isOver: false,
          settle(error) {
            if (call.isOver) return;
            call.isOver = true;
            signal?.removeEventListener("abort", onAbort);
            queue.leave(tenantId, call.waiting);
            call.waiting = 0;
            if (call.left === 0) resolve(call.results);
            else reject(error);
          },
        };
        const isOver = () => call.isOver;
        for (const [index, sequence] of rows.entries())
          queue.add({
            ...{ tenantId, call, index, sequence, isOver },
            tokens: sequence.ids.length,
            line: lineOf(sequence),
          });
        signal?.addEventListener("abort", onAbort, { once: true });
        wake();
      });
    },
  };
}
