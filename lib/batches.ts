import { and, desc, eq, inArray, lt, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { type BatchError, batches } from "@/db/schema/serving";
import { forTenant, type Paged, type TenantTx } from "@/db/tenant";
import { writeAudit } from "./audit";
import { fail } from "./errors";
import { getFile } from "./files";
import { createId } from "./id";
import { getModel } from "./models";
import type { Actor } from "./session";
import { unix } from "./unix";
import { emitEvent } from "./webhook-events";

/**
 * `/v1/batches`, OpenAI's resource: a file of requests, answered by the worker when there is room, into a file of answers in
 * the order of the questions and a file of what was refused. Also rows of a table, for those who have a spreadsheet.
 */
export type Batch = typeof batches.$inferSelect;
export type BatchState = Batch["state"];

export const ENDPOINTS = ["/v1/predictions", "/v1/chat/completions", "/v1/embeddings"] as const;
const WINDOW_HOURS = 24;
const ENDS = ["completed", "failed", "expired", "cancelled"] as const satisfies readonly BatchState[];
const isEnd = (state: BatchState): state is (typeof ENDS)[number] =>
  (ENDS as readonly BatchState[]).includes(state);

export const batchBody = z.object({
  input_file_id: z.string().min(1).max(100),
  endpoint: z.enum(ENDPOINTS),
  completion_window: z.literal("24h").default("24h"),
  metadata: z.record(z.string().max(64), z.string().max(512)).nullish(),
  /** Ours: the file is a table, and this model reads these of its columns, by its role. */
  graft: z
    .object({ model: z.string().min(1).max(300), columns: z.record(z.string(), z.string()).default({}) })
    .optional(),
});

export async function createBatch(actor: Actor, order: z.infer<typeof batchBody>): Promise<Batch> {
  if (actor.settings.callsRefused) fail("payment_overdue");
  const file = await getFile(actor.tenantId, order.input_file_id, "input_file_id");
  if (order.graft && order.endpoint !== "/v1/predictions")
    fail("invalid_request", "`graft`: rows of a table are answered at `/v1/predictions`.", "endpoint");
  if (!order.graft && file.purpose !== "batch")
    fail(
      "invalid_request",
      "`input_file_id`: upload the requests with the purpose `batch`.",
      "input_file_id",
    );
  if (order.graft) await getModel(actor.tenantId, order.graft.model);
  return forTenant(actor.tenantId, async (tx) => {
    const now = new Date();
    const [made] = await tx.insert(batches, {
      ...{
        id: createId("batch"),
        endpoint: order.endpoint,
        inputFileId: file.id,
        state: "validating" as const,
      },
      ...{ table: order.graft ?? null, metadata: order.metadata ?? null },
      ...{ keyId: actor.keyId, userId: actor.userId, createdAt: now },
      expiresAt: new Date(now.getTime() + WINDOW_HOURS * 3_600_000),
    });
    await writeAudit(tx, actor, "batch.created", made?.id ?? "", { file: file.id });
    return made ?? fail("internal_error");
  });
}

export const getBatch = async (tenantId: string, id: string): Promise<Batch> =>
  (await forTenant(tenantId, (tx) => tx.one(batches, eq(batches.id, id)))) ?? fail("not_found");

export const listBatches = (
  tenantId: string,
  { after, limit }: { after?: string | undefined; limit: number },
): Promise<Paged<Batch>> =>
  forTenant(tenantId, (tx) =>
    tx.page(batches, after ? lt(batches.id, after) : undefined, { orderBy: desc(batches.id), limit }),
  );

/** What is done stays and is handed out; what is being answered is finished. */
export async function cancelBatch(actor: Actor, id: string): Promise<Batch> {
  return forTenant(actor.tenantId, async (tx) => {
    const isOn = and(eq(batches.id, id), inArray(batches.state, ["validating", "in_progress"])) as SQL;
    const [cancelled] = await tx.update(batches, { state: "cancelling", ...begun("cancelling") }, isOn);
    if (cancelled) {
      await writeAudit(tx, actor, "batch.cancelled", id);
      return cancelled;
    }
    const now = (await tx.one(batches, eq(batches.id, id))) ?? fail("not_found");
    if (now.state === "cancelling" || now.state === "cancelled") return now;
    return fail("state_conflict", `The batch is ${now.state} already.`);
  });
}

/** The set of an update that notes when a state began. */
const begun = (state: string) => ({
  times: sql`times || jsonb_build_object(${state}::text, ${unix(new Date())}::int)` as never,
});

/** What may be written while nobody else took the batch over; undefined when somebody did. */
export async function whileMine(
  tx: TenantTx,
  { id, holder }: { id: string; holder: string },
  set: Partial<Batch>,
  holdSeconds: number,
): Promise<Batch | undefined> {
  const [mine] = await tx.update(
    batches,
    { ...set, heldUntil: sql`now() + make_interval(secs => ${holdSeconds})` as never },
    sql`id = ${id} and holder = ${holder}`,
  );
  return mine;
}

/** Into another state, told to who wants to know when it is an end. */
export async function moveBatch(
  tx: TenantTx,
  of: { id: string; holder: string },
  state: BatchState,
  set: Partial<Batch> = {},
): Promise<Batch | undefined> {
  const [moved] = await tx.update(
    batches,
    { ...set, state, ...begun(state), ...(isEnd(state) ? { holder: null, heldUntil: null } : {}) },
    // What is being cancelled is not begun or ended otherwise.
    sql`id = ${of.id} and holder = ${of.holder} and (state <> 'cancelling' or ${state} in ('cancelled', 'failed'))`,
  );
  if (moved && isEnd(state)) await emitEvent(tx, `batch.${state}`, { id: of.id });
  return moved;
}

/** Another look shortly: whoever has room next goes on with it. */
export const letGo = (tx: TenantTx, { id, holder }: { id: string; holder: string }) =>
  tx.update(batches, { holder: null, heldUntil: null }, sql`id = ${id} and holder = ${holder}`);

const MOST_SHOWN_ERRORS = 100;
export const keptErrors = (errors: readonly BatchError[]) => errors.slice(0, MOST_SHOWN_ERRORS);

export function batchToWire(batch: Batch) {
  const { times } = batch;
  const at = (state: string) => times[state] ?? null;
  return {
    ...{ id: batch.id, object: "batch" as const, endpoint: batch.endpoint },
    errors: batch.errors.length > 0 ? { object: "list" as const, data: batch.errors } : null,
    ...{ input_file_id: batch.inputFileId, completion_window: "24h" as const, status: batch.state },
    ...{ output_file_id: batch.outputFileId, error_file_id: batch.errorFileId },
    ...{
      created_at: unix(batch.createdAt),
      in_progress_at: at("in_progress"),
      expires_at: unix(batch.expiresAt),
    },
    ...{ finalizing_at: at("finalizing"), completed_at: at("completed"), failed_at: at("failed") },
    ...{ expired_at: at("expired"), cancelling_at: at("cancelling"), cancelled_at: at("cancelled") },
    request_counts: { total: batch.total, completed: batch.completed, failed: batch.failed },
    metadata: batch.metadata,
    ...(batch.table ? { graft: batch.table } : {}),
  };
}
