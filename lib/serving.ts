import { extname, join } from "node:path";
import { type Background, openBackground } from "./background";
import { type BudgetRoom, openBudgetRoom } from "./budget-room";
import { env } from "./env";
import { type Gradients, openGradients } from "./gradients";
import { createModelCache, type ModelCache } from "./model-cache";
import type { RunExport } from "./model-export";
import type { ServeMetrics } from "./serve-metrics";
import { openServingBases, type ServingBases } from "./serving-bases";
import { openServingWholes, type ServingWholes } from "./serving-wholes";
import { openSpool, type Spool } from "./spool";
import { recordUsage, type UsageEvent } from "./usage";

/** What the inference handlers share within one serve process. */
export interface Serving {
  bases: ServingBases;
  wholes: ServingWholes;
  cache: ModelCache;
  gradients: Gradients;
  spool: Spool<UsageEvent>;
  budgets: BudgetRoom;
  /** What nobody waits for. */
  background: Background;
  exportModel: RunExport;
  close(): Promise<void>;
}

const SWEEP_MS = 60_000;

export async function openServing(
  metrics: ServeMetrics,
  threadEntry: URL,
  exportModel: RunExport,
): Promise<Serving> {
  const passes = { threads: env().GRAFT_THREADS, threadEntry, onBatch: metrics.batch };
  const bases = openServingBases(passes);
  const wholes = openServingWholes({
    ...passes,
    maxBytes: env().GRAFT_SESSION_CACHE_MB * 1_000_000,
    onOpen: metrics.opened,
  });
  const cache = createModelCache({
    maxBytes: env().GRAFT_MODEL_CACHE_MB * 1_000_000,
    tokenizers: bases.tokenizers,
    onLookup: metrics.lookup,
  });
  // Beside serve's own entry: a bundle in production, a source that tsx runs otherwise.
  const entry = new URL(`./gradient-child${extname(threadEntry.pathname)}`, threadEntry);
  const gradients = openGradients(entry, env().GRAFT_THREADS);
  const spool = await openSpool<UsageEvent>(join(env().home, "spool"), recordUsage);
  // A failing look at the rows is repeated a minute later.
  const sweeping = setInterval(() => {
    wholes.sweep();
    void cache.sweep().catch(() => {});
  }, SWEEP_MS);
  sweeping.unref();
  const background = openBackground();
  metrics.watch({ bases, wholes, cache, spool });
  return {
    bases,
    wholes,
    cache,
    gradients,
    spool,
    budgets: openBudgetRoom(() => spool.flush()),
    background,
    exportModel,
    async close() {
      clearInterval(sweeping);
      await background.close();
      gradients.close();
      await spool.close();
      await wholes.close();
      await bases.close();
    },
  };
}
