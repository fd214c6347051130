import { eq, sql } from "drizzle-orm";
import { savedExamples } from "@/db/schema/serving";
import { forTenant } from "@/db/tenant";
import { askModel } from "./ask-model";
import { actorId } from "./audit";
import type { Answering } from "./deployments";
import { fail } from "./errors";
import { createId } from "./id";
import type { Actor } from "./session";
import { taskOf } from "./tasks";
import { unix } from "./unix";

/** Questions with their right answers, which a version must give before it answers under a deployment's name. */
export type SavedExample = typeof savedExamples.$inferSelect;

/** As many as one request asks. */
const MOST = 500;

export interface Tried {
  example: SavedExample;
  answer: string;
  hasPassed: boolean;
}

export const listExamples = (tenantId: string, deploymentId: string): Promise<SavedExample[]> =>
  forTenant(tenantId, (tx) =>
    tx.select(savedExamples, eq(savedExamples.deploymentId, deploymentId), { orderBy: [] }),
  );

export interface NewExample {
  input: unknown;
  expected: string;
  tolerance?: number | undefined;
}

/** What the deployment's model cannot read is refused here, not on the day of a promotion. */
export async function saveExample(
  actor: Actor,
  { id: deploymentId, task }: { id: string; task: string },
  { input, expected, tolerance }: NewExample,
): Promise<SavedExample> {
  const isNumber = taskOf(task).view === "number";
  if (isNumber && (tolerance === undefined || !Number.isFinite(Number(expected))))
    fail(
      "invalid_request",
      "A number is expected as a number, with the `tolerance` that is allowed.",
      "expected",
    );
  return forTenant(actor.tenantId, async (tx) => {
    const all = await tx.select(savedExamples, eq(savedExamples.deploymentId, deploymentId));
    if (all.length >= MOST) fail("state_conflict", `There are ${MOST} examples; remove one first.`);
    const [made] = await tx.insert(savedExamples, {
      ...{ id: createId("example"), deploymentId, input, expected, createdBy: actorId(actor) },
      tolerance: isNumber ? tolerance : null,
    });
    return made ?? fail("internal_error");
  });
}

export const removeExample = (tenantId: string, deploymentId: string, id: string): Promise<void> =>
  forTenant(tenantId, async (tx) => {
    const own = sql`id = ${id} and deployment_id = ${deploymentId}`;
    if ((await tx.remove(savedExamples, own)).length === 0) fail("not_found");
  });

/** Asks a version every example through everybody's door, at its strength if it has one. */
export async function tryExamples(
  tenantId: string,
  deploymentId: string,
  model: Answering,
): Promise<Tried[]> {
  const examples = await listExamples(tenantId, deploymentId);
  if (examples.length === 0) return [];
  const task = taskOf(model.task);
  const outputs = await askModel(
    tenantId,
    model.name,
    examples.map(({ input }) => input),
    { strength: model.strength },
  );
  return examples.map((example, n) => {
    const output = task.output.parse(outputs[n]);
    const answer = task.chat(output).content;
    const { expected, tolerance } = example;
    const hasPassed =
      tolerance === null
        ? answer === expected
        : Math.abs((output as { value: number }).value - Number(expected)) <= tolerance;
    return { example, answer, hasPassed };
  });
}

/** @param param of the request that would have this version answer. */
export async function assertExamples(
  tenantId: string,
  deploymentId: string,
  model: Answering,
  param: string,
): Promise<void> {
  const tried = await tryExamples(tenantId, deploymentId, model);
  const failed = tried.filter(({ hasPassed }) => !hasPassed);
  const [first] = failed;
  if (!first) return;
  const question = JSON.stringify(first.example.input).slice(0, 120);
  fail(
    "examples_failed",
    `${failed.length} of ${tried.length} saved examples fail: ${question} is answered \`${first.answer}\`, not \`${first.example.expected}\`. Say \`force\` if that is right.`,
    param,
  );
}

export const exampleToWire = ({ id, input, expected, tolerance, createdAt }: SavedExample) => ({
  ...{ id, object: "example" as const, created: unix(createdAt) },
  ...{ input, expected, tolerance },
});
export const triedToWire = ({ example, answer, hasPassed }: Tried) => ({
  ...exampleToWire(example),
  ...{ answer, passed: hasPassed },
});
