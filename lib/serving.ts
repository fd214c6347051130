import { join } from "node:path";
import { env } from "./env";
import { createModelCache, type ModelCache } from "./model-cache";
import type { RunExport } from "./model-export";
import type { ServeMetrics } from "./serve-metrics";
import { openServingBases, type ServingBases } from "./serving-bases";
import { openSpool, type Spool } from "./spool";
import { recordUsage, type UsageEvent } from "./usage";

/** What the inference handlers share within one serve process. */
export interface Serving {
  bases: ServingBases;
  cache: ModelCache;
  spool: Spool<UsageEvent>;
  exportModel: RunExport;
  close(): Promise<void>;
}

const SWEEP_MS = 60_000;

export async function openServing(
  metrics: ServeMetrics,
  threadEntry: URL,
  exportModel: RunExport,
): Promise<Serving> {
  const bases = openServingBases({ threads: env().GRAFT_THREADS, threadEntry, onBatch: metrics.batch });
  const cache = createModelCache({
    maxBytes: env().GRAFT_MODEL_CACHE_MB * 1_000_000,
    tokenizers: bases.tokenizers,
    onLookup: metrics.lookup,
  });
  const spool = await openSpool<UsageEvent>(join(env().home, "spool"), recordUsage);
  // A failing look at the rows is repeated a minute later.
  const sweeping = setInterval(() => void cache.sweep().catch(() => {}), SWEEP_MS);
  sweeping.unref();
  metrics.watch({ bases, cache, spool });
  return {
    bases,
    cache,
    spool,
    exportModel,
    async close() {
      clearInterval(sweeping);
      await spool.close();
      await bases.close();
    },
  };
}
