import { and, eq, type SQL, sql } from "drizzle-orm";
import { milestones } from "@/db/schema/projects";
import { datasetVersions, jobs, models } from "@/db/schema/work";
import { forTenant, type TenantTx } from "@/db/tenant";
import { fail } from "./errors";
import { log } from "./log";
import { heldMilestone, type Milestone, moveMilestone, NOTHING_SUBMITTED, runsLeft } from "./milestones";
import { note } from "./projects";
import { enqueue } from "./queue";
import type { Acceptance } from "./scope";

/** A model is handed in for a milestone; the worker measures it on the rows that were signed. */

const BEGINNING = ["planned", "missed"];

/** Hands a model in. It is measured once, and that is one of the runs that were agreed. */
export async function submitModel(
  tenantId: string,
  milestoneId: string,
  modelId: string,
  by: string,
): Promise<Milestone> {
  const submitted = await forTenant(tenantId, async (tx) => {
    const milestone = await heldMilestone(tx, milestoneId);
    const acceptance = agreedFor(milestone);
    await runsLeft(tx, milestoneId, acceptance);
    const model = await tx.one(models, eq(models.id, modelId));
    if (model?.state !== "ready") return fail("model_not_found", undefined, "model");
    if (model.report.evaluation.measures !== "labels")
      fail("invalid_request", "Only models that answer one label are measured for a milestone.", "model");
    await setOf(tx, acceptance);
    if (BEGINNING.includes(milestone.state)) await moveMilestone(tx, milestoneId, "in_progress");
    const moved = await moveMilestone(tx, milestoneId, "submitted", {
      submittedModelId: modelId,
      submittedBy: by,
    });
    await note(tx, moved.projectId, {
      kind: "milestone.submitted",
      actor: by,
      data: { milestone: moved.title, model: model.name },
    });
    return moved;
  });
  await requestMeasurement(tenantId, milestoneId);
  return submitted;
}

/** After the commit; one message a milestone is enough. */
export const requestMeasurement = (tenantId: string, id: string): Promise<void> =>
  enqueue("acceptance.measure", { tenantId, id }, `acceptance.${id}`).catch((error: Error) =>
    log().warn({ tenantId, id, error: error.message }, "acceptance.measure not sent; the sweep will"),
  );

const agreedFor = ({ acceptance }: Milestone): Acceptance =>
  acceptance ?? fail("invalid_request", "Nothing is measured at this milestone.");

/** The version whose rows have the signed hash. */
async function setOf(tx: TenantTx, { setSha256 }: Acceptance) {
  const isSet = and(
    eq(datasetVersions.status, "ready"),
    sql`${datasetVersions.report}->>'sha256' = ${setSha256}`,
  ) as SQL;
  const gone = "The rows that were signed are gone. Upload them again, or agree on others by a new version.";
  return (await tx.one(datasetVersions, isSet)) ?? fail("state_conflict", gone, "set");
}

/** What there is to measure, or null where nothing is waiting. Throws when it cannot be measured. */
export const modelToMeasure = (tenantId: string, milestoneId: string) =>
  forTenant(tenantId, async (tx) => {
    const milestone = (await tx.one(milestones, eq(milestones.id, milestoneId))) ?? fail("not_found");
    const { submittedModelId, submittedBy } = milestone;
    if (milestone.state !== "submitted" || !submittedModelId || !submittedBy) return null;
    const acceptance = agreedFor(milestone);
    const model = await tx.one(models, eq(models.id, submittedModelId));
    if (model?.state !== "ready") return fail("model_not_found");
    const job = await tx.one(jobs, eq(jobs.id, model.jobId));
    const set = await setOf(tx, acceptance);
    const taught = [job?.versionId, job?.validationVersionId].flatMap((id) => id ?? []);
    return { acceptance, model, setId: set.id, taughtIds: taught, submittedBy };
  });

/** A measurement that was not possible uses no run up; the milestone goes on, and says why. */
export const failMeasurement = (tenantId: string, milestoneId: string, because: string): Promise<Milestone> =>
  forTenant(tenantId, async (tx) => {
    const milestone = await heldMilestone(tx, milestoneId);
    // Another worker has measured it meanwhile.
    if (milestone.state !== "submitted") return milestone;
    const moved = await moveMilestone(tx, milestoneId, "in_progress", NOTHING_SUBMITTED);
    const data = { milestone: moved.title };
    await note(tx, moved.projectId, { kind: "milestone.not_measured", actor: "system", body: because, data });
    return moved;
  });
