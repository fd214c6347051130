import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { BatchSeen } from "./batcher";
import type { Serving } from "./serving";

/** What operators watch of the serving process, in Prometheus' format. No customer's words in any label. */
export interface ServeMetrics {
  registry: Registry;
  request(route: string, status: number, seconds: number): void;
  batch(base: string, seen: BatchSeen): void;
  /** The session of a base that was tuned whole, after so long. */
  opened(base: string, ms: number): void;
  lookup(result: "hit" | "miss"): void;
  watch(serving: Pick<Serving, "bases" | "wholes" | "cache" | "spool">): void;
}

export function createServeMetrics(): ServeMetrics {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry });
  const requests = new Counter({
    name: "graft_serve_requests_total",
    help: "Answered requests by route and status.",
    labelNames: ["route", "status"],
    registers,
  });
  const latency = new Histogram({
    name: "graft_serve_request_seconds",
    help: "Time from a request to its answer by route.",
    labelNames: ["route"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers,
  });
  const batchRows = new Histogram({
    name: "graft_serve_batch_rows",
    help: "Rows in one pass of a base.",
    labelNames: ["base", "lane"],
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers,
  });
  const batchTenants = new Histogram({
    name: "graft_serve_batch_tenants",
    help: "Tenants in one pass of a base.",
    labelNames: ["base", "lane"],
    buckets: [1, 2, 4, 8, 16],
    registers,
  });
  const batchSeconds = new Histogram({
    name: "graft_serve_batch_seconds",
    help: "Time of one pass of a base.",
    labelNames: ["base", "lane"],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    registers,
  });
  const tokens = new Counter({
    name: "graft_serve_tokens_total",
    help: "Tokens that a base has read.",
    labelNames: ["base"],
    registers,
  });
  const openSeconds = new Histogram({
    name: "graft_serve_session_open_seconds",
    help: "Cold time of a base that was tuned whole: until its session is open.",
    labelNames: ["base"],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers,
  });
  const lookups = new Counter({
    name: "graft_serve_model_lookups_total",
    help: "Models found open, and models that had to be opened.",
    labelNames: ["result"],
    registers,
  });
  return {
    registry,
    request(route, status, seconds) {
      requests.inc({ route, status: String(status) });
      latency.observe({ route }, seconds);
    },
    batch(base, seen) {
      const { lane } = seen;
      batchRows.observe({ base, lane }, seen.rows);
      batchTenants.observe({ base, lane }, seen.tenants);
      batchSeconds.observe({ base, lane }, seen.ms / 1000);
      tokens.inc({ base }, seen.tokens);
    },
    opened: (base, ms) => openSeconds.observe({ base }, ms / 1000),
    lookup: (result) => lookups.inc({ result }),
    watch({ bases, wholes, cache, spool }) {
      const gauge = (name: string, help: string, read: () => number) =>
        new Gauge({
          name,
          help,
          registers,
          collect() {
            this.set(read());
          },
        });
      gauge(
        "graft_serve_waiting_rows",
        "Rows that wait for a base.",
        () => bases.waiting() + wholes.waiting(),
      );
      gauge("graft_serve_own_sessions", "Open sessions of bases that were tuned whole.", () =>
        wholes.count(),
      );
      gauge("graft_serve_own_session_bytes", "Bytes that they hold.", () => wholes.sizeBytes());
      gauge("graft_serve_open_models", "Models in memory.", () => cache.count());
      gauge("graft_serve_open_bytes", "Bytes of the models in memory.", () => cache.sizeBytes());
      gauge("graft_serve_spooled_events", "Usage events not yet in the database.", () => spool.pending());
    },
  };
}
