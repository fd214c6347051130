import { AppError } from "./errors";
import type { ForwardResult, Sequence } from "./ml/task";

/**
 * Micro-batches for one base, across tenants and models. A row that comes while nothing runs goes at once;
 * what comes while a batch runs waits for it and goes together. Tenants take turns row by row, so a call of
 * 2,048 rows does not hold up another tenant's single one for longer than the batch that is running.
 */
export interface Batcher {
  /** Answers in the order of `rows`. Throws `overloaded` when the queue is full, the signal's reason on abort. */
  run(tenantId: string, rows: readonly Sequence[], signal?: AbortSignal): Promise<ForwardResult[]>;
  waiting(): number;
}
export interface BatchSeen {
  rows: number;
  tenants: number;
  tokens: number;
  ms: number;
}
interface Options {
  embed(batch: readonly Sequence[]): Promise<ForwardResult[]>;
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
interface Item {
  call: Call;
  index: number;
  sequence: Sequence;
  order: number;
}
/** First in, first out, without moving the rest at every take. */
interface Line {
  items: Item[];
  head: number;
}
interface Lane {
  waiting: number;
  lines: Line[];
}

/** Rows of one batch are padded to the longest: mixing lengths would compute padding. */
const LENGTHS = [16, 32, 64, 128, 256, Number.POSITIVE_INFINITY];
/** Rows with adapters, and rows in int8, run in graphs of their own, so they are batched among themselves, whosever they are. */
const LINES = LENGTHS.length * 4;
const lineOf = ({ ids, adapter, precision }: Sequence) =>
  LENGTHS.findIndex((length) => ids.length <= length) +
  LENGTHS.length * ((adapter ? 1 : 0) + (precision === "int8" ? 2 : 0));

function peek(line: Line): Item | undefined {
  while (line.items[line.head]?.call.isOver) line.head++;
  if (line.head > 1024 && line.head * 2 > line.items.length) {
    line.items.splice(0, line.head);
    line.head = 0;
  }
  return line.items[line.head];
}

function oldest(lane: Lane): Line | undefined {
  let best: Line | undefined;
  for (const line of lane.lines) {
    const item = peek(line);
    if (item && item.order < (best ? (peek(best)?.order ?? 0) : Number.POSITIVE_INFINITY)) best = line;
  }
  return best;
}

export function createBatcher(options: Options): Batcher {
  const { maxTokens = 1024, maxRows = 64, maxWaiting = 32_768, maxWaitingOfTenant = 16_384 } = options;
  /** In the order of turns: who was served goes to the end. */
  const lanes = new Map<string, Lane>();
  let waiting = 0;
  let order = 0;
  let isRunning = false;
  /** Rows a second, for the advice when to come back; slow until measured. */
  let rate = 50;

  function takeTurn(fits: (lane: Lane) => Line | undefined): Item | undefined {
    for (const [tenantId, lane] of lanes) {
      const line = fits(lane);
      const item = line && peek(line);
      if (!line || !item) continue;
      line.head++;
      lane.waiting--;
      item.call.waiting--;
      waiting--;
      lanes.delete(tenantId);
      if (lane.waiting > 0) lanes.set(tenantId, lane);
      return item;
    }
    return undefined;
  }

  function takeBatch(): Item[] {
    const first = takeTurn(oldest);
    if (!first) return [];
    const batch = [first];
    const at = lineOf(first.sequence);
    let longest = first.sequence.ids.length;
    /** A lane's next row of this length, as long as the batch stays within its tokens with it. */
    const fits = (lane: Lane) => {
      const line = lane.lines[at];
      const length = line && peek(line)?.sequence.ids.length;
      return length && (batch.length + 1) * Math.max(longest, length) <= maxTokens ? line : undefined;
    };
    while (batch.length < maxRows) {
      const next = takeTurn(fits);
      if (!next) break;
      longest = Math.max(longest, next.sequence.ids.length);
      batch.push(next);
    }
    return batch;
  }

  async function runBatch(batch: readonly Item[]): Promise<void> {
    const started = performance.now();
    try {
      const vectors = await options.embed(batch.map((item) => item.sequence));
      for (const [n, item] of batch.entries()) {
        const vector = vectors[n];
        if (!vector) throw new Error("the base answered fewer rows than it was asked");
        item.call.results[item.index] = vector;
        if (--item.call.left === 0) item.call.settle();
      }
    } catch (error) {
      for (const { call } of batch) call.settle(error);
    }
    const ms = performance.now() - started;
    rate = 0.8 * rate + 0.2 * ((batch.length * 1000) / Math.max(1, ms));
    const tokens = batch.reduce((sum, item) => sum + item.sequence.ids.length, 0);
    const tenants = new Set(batch.map((item) => item.call.tenantId)).size;
    options.onBatch?.({ rows: batch.length, tenants, tokens, ms });
  }

  async function work(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    // Calls that arrived in the same turn of the event loop share the first batch.
    await new Promise((done) => setImmediate(done));
    for (let batch = takeBatch(); batch.length > 0; batch = takeBatch()) await runBatch(batch);
    isRunning = false;
  }

  function admit(tenantId: string, rows: number): Lane {
    const lane = lanes.get(tenantId) ?? {
      waiting: 0,
      lines: Array.from({ length: LINES }, () => ({ items: [], head: 0 })),
    };
    if (waiting + rows > maxWaiting || lane.waiting + rows > maxWaitingOfTenant) {
      const retryAfterMs = Math.min(10_000, Math.max(500, (1000 * (lane.waiting + rows)) / rate));
      throw new AppError("overloaded", { retryAfterMs });
    }
    lanes.set(tenantId, lane);
    return lane;
  }

  function forget(call: Call): void {
    const lane = lanes.get(call.tenantId);
    waiting -= call.waiting;
    if (lane) lane.waiting -= call.waiting;
    if (lane && lane.waiting <= 0) lanes.delete(call.tenantId);
    call.waiting = 0;
  }

  return {
    waiting: () => waiting,
    async run(tenantId, rows, signal) {
      signal?.throwIfAborted();
      if (rows.length === 0) return [];
      const lane = admit(tenantId, rows.length);
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
            forget(call);
            if (call.left === 0) resolve(call.results);
            else reject(error);
          },
        };
        for (const [index, sequence] of rows.entries())
          lane.lines[lineOf(sequence)]?.items.push({ call, index, sequence, order: order++ });
        lane.waiting += rows.length;
        waiting += rows.length;
        signal?.addEventListener("abort", onAbort, { once: true });
        void work();
      });
    },
  };
}
