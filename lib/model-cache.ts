import { inArray } from "drizzle-orm";
import { models } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import type { Answering } from "./deployments";
import { AppError } from "./errors";
import { log } from "./log";
import { atStrength } from "./ml/adapter-strength";
import { ArtifactError } from "./ml/artifact";
import { TASKS } from "./ml/catalogue";
import { chosenStrength } from "./ml/contract";
import type { Predictor, TokenizerSource } from "./ml/task";
import { withArtifact } from "./model-files";
import { getModel, type Model } from "./models";

/**
 * Opened models by tenant and id, least recently asked first, within a number of bytes. The caller has read
 * the model's row on this very request, so what is deleted is never answered from here.
 */
export interface ModelCache {
  /**
   * As it answers at the strength that is asked for; whatever that is, the model is kept once. Throws `model_not_found` when
   * it was deleted since, `model_damaged` when its files are not what was written.
   */
  get(model: Answering): Promise<Predictor>;
  /** Lets go of every model whose row is deleted, or whose tenant is. */
  sweep(): Promise<void>;
  sizeBytes(): number;
  count(): number;
}

/** A file that is missing, here or in the bucket. */
const isMissing = (error: unknown): boolean =>
  error instanceof AppError ? error.code === "not_found" : (error as NodeJS.ErrnoException).code === "ENOENT";

/**
 * Files that are missing or changed: the model was deleted since its row was read, or they are damaged, which is one
 * model's trouble, whoever asks it.
 */
async function failUnreadable({ tenantId, id }: Model, error: unknown): Promise<never> {
  if (!(error instanceof ArtifactError || isMissing(error))) throw error;
  const { state } = await getModel(tenantId, id, ["ready", "probing"]);
  log().error({ model: id, state, error: String(error) }, "a model cannot be opened");
  throw new AppError("model_damaged");
}

export function createModelCache(options: {
  maxBytes: number;
  tokenizers: TokenizerSource;
  onLookup?(result: "hit" | "miss"): void;
}): ModelCache {
  const opened = new Map<string, { tenantId: string; id: string; predictor: Predictor }>();
  const opening = new Map<string, Promise<Predictor>>();
  let bytes = 0;

  function drop(key: string): void {
    const entry = opened.get(key);
    if (!entry) return;
    opened.delete(key);
    bytes -= entry.predictor.sizeBytes;
  }

  async function open(model: Model): Promise<Predictor> {
    const task = Object.hasOwn(TASKS, model.task) ? TASKS[model.task as keyof typeof TASKS] : undefined;
    if (!task) throw new AppError("task_unsupported");
    const engine = await task.engine();
    return withArtifact(model, (folder) => engine.open(folder, options.tokenizers)).catch((error: unknown) =>
      failUnreadable(model, error),
    );
  }

  function keep(key: string, model: Model, predictor: Predictor): void {
    opened.set(key, { tenantId: model.tenantId, id: model.id, predictor });
    bytes += predictor.sizeBytes;
    // A model that is larger than the whole cache stays until the next one comes.
    for (const oldest of [...opened.keys()]) {
      if (bytes <= options.maxBytes || oldest === key) break;
      drop(oldest);
    }
  }

  async function find(model: Model): Promise<Predictor> {
    const key = `${model.tenantId}/${model.id}`;
    const entry = opened.get(key);
    options.onLookup?.(entry ? "hit" : "miss");
    if (entry) {
      opened.delete(key);
      opened.set(key, entry);
      return entry.predictor;
    }
    const running = opening.get(key);
    if (running) return running;
    const promise = open(model)
      .then((predictor) => {
        keep(key, model, predictor);
        return predictor;
      })
      .finally(() => opening.delete(key));
    opening.set(key, promise);
    return promise;
  }

  return {
    sizeBytes: () => bytes,
    count: () => opened.size,
    async get(model) {
      const predictor = await find(model);
      const chosen = chosenStrength(model.report);
      if (model.strength === undefined || chosen === undefined) return predictor;
      return atStrength(predictor, model.strength / chosen);
    },
    async sweep() {
      for (const tenantId of new Set([...opened.values()].map((entry) => entry.tenantId))) {
        const alive = await forTenant(tenantId, (tx) =>
          tx.select(models, inArray(models.state, ["ready", "probing"])),
        );
        const ids = new Set(alive.map((model) => model.id));
        for (const [key, entry] of [...opened])
          if (entry.tenantId === tenantId && !ids.has(entry.id)) drop(key);
      }
    },
  };
}
