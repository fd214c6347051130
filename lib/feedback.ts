import { setTimeout as pause } from "node:timers/promises";
import { and, eq, inArray, sql } from "drizzle-orm";
import { feedback } from "@/db/schema/serving";
import { usageEvents } from "@/db/schema/usage";
import { forTenant, type Paged } from "@/db/tenant";
import { actorId } from "./audit";
import { fail } from "./errors";
import { eventIdsOf } from "./id";
import type { Actor } from "./session";
import { unix } from "./unix";

/** What people say of answers: right or not, what would have been right, and, if they give it along, of which row. */
export type Feedback = typeof feedback.$inferSelect;

export interface Said {
  index: number;
  correct: boolean;
  label?: string | null | undefined;
  input?: unknown;
}

/** An answer's event is recorded within a second or two; a client may be quicker. */
const RECORDED_WITHIN_MS = 3000;
const LOOK_AGAIN_MS = 250;

export async function giveFeedback(actor: Actor, predictionId: string, said: Said): Promise<Feedback> {
  const event = (await answeredEvent(actor.tenantId, predictionId)) ?? fail("not_found", NO_PREDICTION);
  if (BigInt(said.index) >= event.quantity)
    fail("invalid_request", `\`index\`: this call had ${event.quantity} rows.`, "index");
  if (said.input === undefined && actor.settings.storePredictions !== true)
    fail(
      "invalid_request",
      "`input`: this organisation does not store what is asked, so send the row along; that is consent for it.",
      "input",
    );
  const values = {
    ...{ model: event.model, isCorrect: said.correct, label: said.label ?? null, input: said.input ?? null },
    ...{ createdBy: actorId(actor), createdAt: new Date() },
  };
  return forTenant(actor.tenantId, async (tx) => {
    const key = and(eq(feedback.predictionId, predictionId), eq(feedback.index, said.index)) ?? sql`false`;
    const [first] = await tx.insertNew(feedback, { predictionId, index: said.index, ...values });
    const [last] = first ? [first] : await tx.update(feedback, values, key);
    return last ?? fail("internal_error");
  });
}

const NO_PREDICTION = "There is no such prediction; name the `id` that the answer had.";

async function answeredEvent(tenantId: string, predictionId: string) {
  const where = and(
    inArray(usageEvents.id, eventIdsOf(predictionId)),
    eq(usageEvents.meter, "inference.row"),
  );
  const end = Date.now() + RECORDED_WITHIN_MS;
  for (;;) {
    const found = await forTenant(tenantId, (tx) => tx.one(usageEvents, where ?? sql`false`));
    if (found || Date.now() > end) return found;
    await pause(LOOK_AGAIN_MS);
  }
}

/** Newest first; `after` is the id of the last one that was read. */
export async function listFeedback(
  tenantId: string,
  { model, after, limit }: { model?: string | undefined; after?: string | undefined; limit: number },
): Promise<Paged<Feedback>> {
  const [, predictionId = "", index = ""] = after?.match(/^([^:]+):(\d{1,6})$/) ?? [];
  return forTenant(tenantId, async (tx) => {
    const key = and(eq(feedback.predictionId, predictionId), eq(feedback.index, Number(index)));
    const last = after === undefined ? undefined : await tx.one(feedback, key ?? sql`false`);
    if (after !== undefined && !last) fail("invalid_request", "`after`: there is no such entry.", "after");
    const where = and(
      model === undefined ? undefined : eq(feedback.model, model),
      last &&
        sql`(created_at, prediction_id, index)
          < (${last.createdAt.toISOString()}::timestamptz, ${last.predictionId}, ${last.index})`,
    );
    return tx.page(feedback, where, {
      orderBy: sql`created_at desc, prediction_id desc, index desc`,
      limit,
    });
  });
}

/** How many answers of a model were marked, and how many of them right. */
export const feedbackCounts = (tenantId: string, model: string): Promise<{ marked: number; right: number }> =>
  forTenant(tenantId, async (tx) => {
    const [counts] = await tx.query<{ marked: string; right: string }>(sql`
      select count(*) as marked, count(*) filter (where is_correct) as right from feedback
      where tenant_id = ${tenantId} and model = ${model}`);
    return { marked: Number(counts?.marked ?? 0), right: Number(counts?.right ?? 0) };
  });

export const feedbackToWire = (one: Feedback) => ({
  id: `${one.predictionId}:${one.index}`,
  object: "feedback" as const,
  created: unix(one.createdAt),
  ...{ prediction: one.predictionId, index: one.index, model: one.model },
  ...{ correct: one.isCorrect, label: one.label, input: one.input },
});
