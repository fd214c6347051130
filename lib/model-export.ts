import { rm } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { forTenant } from "@/db/tenant";
import { writeAudit } from "./audit";
import { installedBase } from "./bases";
import { workResponse } from "./download";
import { AppError, fail } from "./errors";
import type { ModelReport } from "./ml/contract";
import type { ExportOrder } from "./ml/task";
import { readModelCard } from "./model-card";
import { withArtifact } from "./model-files";
import { getModel, type Model } from "./models";
import { abstainBelow } from "./predictions";
import { route } from "./route";
import type { Serving } from "./serving";
import { taskOf } from "./tasks";
import { unix } from "./unix";
import { openWorkDir } from "./work-dirs";

/**
 * `GET /v1/models/{model}/export`: a trained model as a zip that answers without the platform. It is made whole and
 * compared with the platform's own answers before its first byte leaves.
 */
export interface ModelExport extends Omit<ExportOrder, "threads"> {
  task: string;
  /** Texts that stand beside the engine's files, by name. */
  texts: Record<string, string>;
  zipPath: string;
}
/** Makes the zip in a process of its own; throws when its answers would not be the platform's. */
export type RunExport = (order: ModelExport, signal: AbortSignal) => Promise<void>;

async function baseOf(model: Model): Promise<ExportOrder["base"]> {
  const { base } = model.report;
  if (!base) return null;
  return (await installedBase(base.id)) ?? fail("base_unavailable", undefined, "model");
}

async function orderOf(model: Model, artifactDir: string, dir: string): Promise<ModelExport> {
  const { report } = model;
  return {
    task: model.task,
    artifactDir,
    base: await baseOf(model),
    dir: join(dir, "model"),
    zipPath: join(dir, "model.zip"),
    texts: { "MODEL_CARD.md": `${await readModelCard(model)}\n` },
    quoted: quotedIn(report),
    facts: {
      model: model.name,
      created: unix(model.createdAt),
      abstainBelow: abstainBelow(report),
      promised: (report.abstention ?? []).map(({ accepted, threshold }) => ({ accepted, threshold })),
    },
  };
}

/** Texts of measured rows, where the report keeps any; a context stands before its question. */
function quotedIn({ evaluation }: ModelReport): string[] {
  if (evaluation.measures === "labels") return [];
  return evaluation.worst.flatMap((row) => ("question" in row ? [row.text, row.question] : [row.text]));
}

/** Exports are made one after the other; a tenant has one place in the line, so that nobody waits behind many. */
const exporting = new Set<string>();
const RETRY_MS = 10_000;
const ONE_AT_A_TIME = "Another model of yours is being exported. Try again in a moment.";

export const createModelExport = (serving: Serving) =>
  route(
    {
      auth: "tenant",
      permission: "models.export",
      params: z.object({ model: z.string() }),
      perMinute: 60,
    },
    async ({ actor, params, request }) => {
      const model = await getModel(actor.tenantId, params.model);
      if (!taskOf(model.task).leaves)
        fail("task_unsupported", "Models of this task cannot be taken away yet.", "model");
      if (exporting.has(actor.tenantId))
        throw new AppError("overloaded", { message: ONE_AT_A_TIME, retryAfterMs: RETRY_MS });
      exporting.add(actor.tenantId);
      try {
        const archive = await makeArchive(serving, model, request.signal);
        await forTenant(actor.tenantId, (tx) => writeAudit(tx, actor, "model.exported", model.name));
        return archive;
      } finally {
        exporting.delete(actor.tenantId);
      }
    },
  );

async function makeArchive(serving: Serving, model: Model, signal: AbortSignal): Promise<Response> {
  const dir = await openWorkDir();
  try {
    const zipPath = await withArtifact(model, async (artifactDir) => {
      const order = await orderOf(model, artifactDir, dir);
      await serving.exportModel(order, signal);
      return order.zipPath;
    });
    return workResponse(zipPath, dir, `${model.id}.zip`, { type: "application/zip" });
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}
