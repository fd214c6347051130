import { sql } from "drizzle-orm";
import type { shadowCounts } from "@/db/schema/serving";
import { forTenant } from "@/db/tenant";
import type { Shadow } from "./deployments";
import { createId } from "./id";
import { type Answered, answerRows } from "./inference";
import type { Ask } from "./ml/task";
import type { NumberOutput } from "./ml/tasks/text-number";
import type { Model } from "./models";
import type { Serving } from "./serving";
import { taskOf } from "./tasks";

/** All shadows together have one turn at the base: they never slow a caller by more than that. */
const TURN = "shadows";
const DEADLINE_MS = 60_000;
const LONGEST_LABEL = 200;

interface Asked {
  model: Model;
  shadow: Shadow;
  inputs: readonly unknown[];
  ask: Ask;
  route: string;
}

/** Asks a shadow what was answered, and counts where it says something else. Free: nobody ordered these answers. */
export async function askShadow(serving: Serving, asked: Asked, answered: Answered): Promise<void> {
  const { model, shadow, inputs, ask, route } = asked;
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const { outputs, tokens } = await answerRows(serving, shadow.model, inputs, ask, signal, TURN);
  serving.spool.append({
    ...{ tenantId: model.tenantId, id: createId("request"), meter: "inference.row", quantity: inputs.length },
    ...{ isBillable: false, reason: "shadow", model: shadow.model.name, keyId: null, userId: null },
    ...{ route, tokens, occurredAt: new Date().toISOString() },
  });
  const counts = new Map<
    string,
    Pick<typeof shadowCounts.$inferInsert, "answered" | "shadowed" | "isSame" | "rows">
  >();
  for (const [n, output] of outputs.entries()) {
    const pair = compare(model, answered.outputs[n], output);
    const key = JSON.stringify(pair);
    counts.set(key, { ...pair, rows: (counts.get(key)?.rows ?? 0) + 1 });
  }
  const of = { deploymentId: shadow.deploymentId, modelId: model.id, shadowModelId: shadow.model.id };
  await forTenant(model.tenantId, async (tx) => {
    for (const { answered, shadowed, isSame, rows } of counts.values())
      await tx.query(sql`
        insert into shadow_counts as c (tenant_id, deployment_id, model_id, shadow_model_id, answered, shadowed, is_same, rows)
        select ${tx.tenantId}, ${of.deploymentId}, ${of.modelId}, ${of.shadowModelId}, ${answered}, ${shadowed},
          ${isSame}, ${rows} where exists (select 1 from deployments d
            where d.tenant_id = ${tx.tenantId} and d.id = ${of.deploymentId})
        on conflict (tenant_id, deployment_id, model_id, shadow_model_id, answered, shadowed, is_same)
        do update set rows = c.rows + excluded.rows`);
  });
}

/** Labels are named; pieces of a customer's texts are not kept. A number is the same within the answer's own interval. */
export function compare(model: Pick<Model, "task">, answered: unknown, shadowed: unknown) {
  const task = taskOf(model.task);
  const [one, other] = [answered, shadowed].map((output) => task.chat(task.output.parse(output)).content);
  if (task.view === "number") {
    const { low, high } = (answered as NumberOutput).interval;
    const { value } = shadowed as NumberOutput;
    return { answered: "", shadowed: "", isSame: low <= value && value <= high };
  }
  const isSame = one === other;
  if (task.view !== "labels" && task.view !== "several") return { answered: "", shadowed: "", isSame };
  return {
    answered: one?.slice(0, LONGEST_LABEL) ?? "",
    shadowed: other?.slice(0, LONGEST_LABEL) ?? "",
    isSame,
  };
}
