/**
 * Rows that wait for one base, by whose turn it is. Tenants share it by tokens: start-time fair queueing (Goyal, Vin and
 * Cheng 1996) with a row's tokens as its cost, as virtual counters do for language models (Sheng et al. 2024). Whoever
 * has had least is next, whatever others have waiting; who comes back after a pause is not paid for the pause; and
 * nothing idles while a row waits.
 */
export interface Waiting {
  tenantId: string;
  tokens: number;
  /** Only rows of one line may share a batch. */
  line: number;
  /** Nobody waits for it any more. */
  isOver(): boolean;
}
export interface FairQueue<W extends Waiting> {
  add(row: W): void;
  /** The next row by turn for which `fits` holds, of one line when it is named; of tenants that `may` names. */
  take(by?: {
    line?: number;
    fits?(row: W): boolean;
    may?(tenantId: string, waiting: number): boolean;
  }): W | undefined;
  /** A row that is over has left by itself: the count alone is told. */
  leave(tenantId: string, rows: number): void;
  waiting(tenantId?: string): number;
  /** How many tenants have rows waiting. */
  tenants(): number;
}

/** First in, first out, without moving the rest at every take. */
interface Line<W> {
  rows: { row: W; order: number }[];
  head: number;
}
interface Lane<W> {
  waiting: number;
  lines: Line<W>[];
}
/** So many tenants' turns are remembered before those that do not matter any more are dropped. */
const MOST_REMEMBERED = 1000;

function peek<W extends Waiting>(line: Line<W> | undefined) {
  if (!line) return undefined;
  while (line.rows[line.head]?.row.isOver()) line.head++;
  if (line.head > 1024 && line.head * 2 > line.rows.length) {
    line.rows.splice(0, line.head);
    line.head = 0;
  }
  return line.rows[line.head];
}

export function createFairQueue<W extends Waiting>(lines: number): FairQueue<W> {
  const lanes = new Map<string, Lane<W>>();
  /** When a tenant's next row starts, in tokens of virtual time. */
  const starts = new Map<string, number>();
  /** The start of the row that was taken last. */
  let now = 0;
  let order = 0;
  let waiting = 0;

  function oldest({ lines }: Lane<W>): Line<W> | undefined {
    let [best, first] = [undefined as Line<W> | undefined, Number.POSITIVE_INFINITY];
    for (const line of lines) {
      const head = peek(line);
      if (head && head.order < first) [best, first] = [line, head.order];
    }
    return best;
  }

  function leave(tenantId: string, rows: number): void {
    const lane = lanes.get(tenantId);
    if (!lane) return;
    waiting -= rows;
    lane.waiting -= rows;
    if (lane.waiting <= 0) lanes.delete(tenantId);
  }

  function remember(tenantId: string, start: number): void {
    starts.set(tenantId, start);
    if (starts.size <= MOST_REMEMBERED) return;
    for (const [known, at] of starts) if (at <= now && !lanes.has(known)) starts.delete(known);
  }

  return {
    waiting: (tenantId) => (tenantId === undefined ? waiting : (lanes.get(tenantId)?.waiting ?? 0)),
    tenants: () => lanes.size,
    leave,
    add(row) {
      const { tenantId } = row;
      const lane: Lane<W> = lanes.get(tenantId) ?? {
        waiting: 0,
        lines: Array.from({ length: lines }, () => ({ rows: [], head: 0 })),
      };
      lane.lines[row.line]?.rows.push({ row, order: order++ });
      lane.waiting++;
      waiting++;
      lanes.set(tenantId, lane);
    },
    take({ line: wanted, fits, may } = {}) {
      let best: { tenantId: string; start: number; line: Line<W>; row: W } | undefined;
      for (const [tenantId, lane] of lanes) {
        const start = Math.max(now, starts.get(tenantId) ?? 0);
        if ((best && start >= best.start) || may?.(tenantId, lane.waiting) === false) continue;
        const line = wanted === undefined ? oldest(lane) : lane.lines[wanted];
        const row = peek(line)?.row;
        if (line && row && fits?.(row) !== false) best = { tenantId, start, line, row };
      }
      if (!best) return undefined;
      const { tenantId, start, line, row } = best;
      line.head++;
      now = start;
      remember(tenantId, start + row.tokens);
      leave(tenantId, 1);
      return row;
    },
  };
}
