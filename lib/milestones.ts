import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import { acceptanceRuns, milestones, type quotes, remedies } from "@/db/schema/projects";
import { forTenant, type TenantTx } from "@/db/tenant";
import { fail } from "./errors";
import { createId } from "./id";
import { mover } from "./moves";
import { type Issue, invoiceLinesDue } from "./project-invoices";
import { tell } from "./project-notices";
import { findProject, note } from "./projects";
import type { Acceptance } from "./scope";
import { neededSeller } from "./seller";

/** What was agreed to be reached by when. Reaching one makes its lines due. */

export type Milestone = typeof milestones.$inferSelect;
type MilestoneState = Milestone["state"];
type Quote = typeof quotes.$inferSelect;

export const MILESTONE_MOVES = {
  planned: ["in_progress", "cancelled", "waived"],
  in_progress: ["submitted", "cancelled", "waived"],
  /** Back where it could not be measured. */
  submitted: ["passed", "missed", "in_progress", "cancelled"],
  passed: ["accepted", "missed"],
  /** Tried again, agreed to all the same, or given up. */
  missed: ["in_progress", "waived", "cancelled"],
  accepted: ["invoiced"],
  waived: ["invoiced"],
  cancelled: [],
  invoiced: [],
} as const satisfies Record<MilestoneState, readonly MilestoneState[]>;

/** Makes the milestones of a signed quote; those of an earlier version that nobody began follow the new one. */
export async function agreeMilestones(tx: TenantTx, quote: Quote, issue: Issue): Promise<void> {
  const agreed = quote.document?.milestones ?? [];
  const known = await tx.select(milestones, eq(milestones.projectId, quote.projectId));
  for (const { key, title, due_on: dueOn, acceptance } of agreed) {
    const old = known.find((one) => one.key === key);
    const terms = { title, dueOn, acceptance, quoteId: quote.id };
    if (!old)
      await tx.insert(milestones, {
        id: createId("milestone"),
        projectId: quote.projectId,
        key,
        state: "planned",
        ...terms,
      });
    else if (["planned", "in_progress", "missed"].includes(old.state)) {
      await withdrawRemedies(tx, old.id);
      await tx.update(milestones, terms, eq(milestones.id, old.id));
    }
  }
  for (const old of known)
    if (!agreed.some(({ key }) => key === old.key) && ["planned", "in_progress"].includes(old.state))
      await moveMilestone(tx, old.id, "cancelled");
  await invoiceLinesDue(tx, quote, null, issue);
}

const setState = mover(milestones, "A milestone", MILESTONE_MOVES);

/** Whatever moves a milestone takes back what is proposed about it: that was said of a state which is over. */
export async function moveMilestone(
  tx: TenantTx,
  id: string,
  ...move: [to: MilestoneState, set?: Parameters<typeof setState>[3]]
): Promise<Milestone> {
  await withdrawRemedies(tx, id);
  return setState(tx, id, ...move);
}

async function withdrawRemedies(tx: TenantTx, milestoneId: string): Promise<void> {
  await heldMilestone(tx, milestoneId);
  const open = and(eq(remedies.milestoneId, milestoneId), eq(remedies.state, "proposed")) as SQL;
  await tx.update(remedies, { state: "withdrawn", decidedAt: new Date() }, open);
}

/**
 * A milestone as it stays until the transaction ends. Whoever acts by its state reads it so: handing in, proposing,
 * signing and moving happen one after the other.
 */
export async function heldMilestone(tx: TenantTx, id: string): Promise<Milestone> {
  await tx.query(sql`select from milestones where tenant_id = ${tx.tenantId} and id = ${id} for update`);
  return (await tx.one(milestones, eq(milestones.id, id))) ?? fail("not_found");
}

/** The runs so far. Throws where all that were agreed are used up; a contest judges answers again and is none of them. */
export async function runsLeft(tx: TenantTx, milestoneId: string, { maxRuns }: Acceptance) {
  const runs = await tx.select(acceptanceRuns, eq(acceptanceRuns.milestoneId, milestoneId));
  if (runs.filter(({ contestOf }) => contestOf === null).length >= maxRuns)
    fail("state_conflict", `All ${maxRuns} runs that were agreed are used up.`, "runs");
  return runs;
}

type Run = typeof acceptanceRuns.$inferInsert;
type Around = Pick<Run, "number" | "hasPassed"> & Partial<Pick<Run, "contestOf" | "contested">>;

export const insertRun = (tx: TenantTx, milestoneId: string, measured: Measured, around: Around) => {
  const { runId: id, modelId, rows, excluded, perClass, value, low, high } = measured;
  return tx.insert(acceptanceRuns, {
    ...{ id, milestoneId, modelId, rows, excluded, perClass },
    ...{ value: value.toFixed(9), low: low.toFixed(9), high: high.toFixed(9) },
    ...around,
  });
};

export const NOTHING_SUBMITTED = { submittedModelId: null, submittedBy: null } as const;

/** What a model reached on the frozen rows. */
export interface Measured {
  runId: string;
  modelId: string;
  /** Of the rows that it was measured on. */
  setSha256: string;
  rows: number;
  /** Rows of the set that the model was taught; they do not count. */
  excluded: number;
  value: number;
  low: number;
  high: number;
  perClass: { label: string; rows: number; recall: number }[];
}

/** Whether a measurement passes what was signed. */
export const passes = (
  { threshold, rule }: Acceptance,
  { value, low }: Pick<Measured, "value" | "low">,
): boolean => (rule === "point" ? value : low) >= threshold;

/** Writes a measurement down and moves the milestone: passed opens the review, missed says so. */
export async function recordAcceptanceRun(
  tenantId: string,
  milestoneId: string,
  measured: Measured,
  by: string,
  now = new Date(),
): Promise<Milestone> {
  return forTenant(tenantId, async (tx) => {
    const { acceptance } = await heldMilestone(tx, milestoneId);
    if (!acceptance) return fail("invalid_request", "Nothing is measured at this milestone.");
    if (measured.setSha256 !== acceptance.setSha256)
      fail("invalid_request", "These are not the rows that were signed.", "set");
    if (measured.rows < acceptance.minRows)
      fail(
        "invalid_request",
        `At least ${acceptance.minRows} rows were agreed; here are ${measured.rows}.`,
        "set",
      );
    const before = await runsLeft(tx, milestoneId, acceptance);
    const hasPassed = passes(acceptance, measured);
    await insertRun(tx, milestoneId, measured, { number: before.length + 1, hasPassed });
    const reviewEndsAt = hasPassed ? new Date(now.getTime() + acceptance.reviewDays * 86_400_000) : null;
    const moved = await moveMilestone(tx, milestoneId, hasPassed ? "passed" : "missed", {
      reviewEndsAt,
      ...NOTHING_SUBMITTED,
    });
    const project = await findProject(tx, moved.projectId);
    await tell(tx, "customer", hasPassed ? "milestone_passed" : "milestone_missed", project);
    await note(tx, moved.projectId, {
      kind: `milestone.${moved.state}`,
      actor: by,
      data: {
        milestone: moved.title,
        value: measured.value.toFixed(4),
        threshold: String(acceptance.threshold),
      },
    });
    return moved;
  });
}

/** Days in which the customer looks at what no measurement decides. */
const REVIEW_DAYS = 10;

/** Says that a milestone without a measurement is done; the customer's review begins. */
export const handOverMilestone = (
  tenantId: string,
  milestoneId: string,
  by: string,
  now = new Date(),
): Promise<Milestone> =>
  forTenant(tenantId, async (tx) => {
    const milestone = await heldMilestone(tx, milestoneId);
    if (milestone.acceptance) fail("invalid_request", "A model is measured for this milestone; hand one in.");
    if (milestone.state !== "in_progress") await moveMilestone(tx, milestoneId, "in_progress");
    await moveMilestone(tx, milestoneId, "submitted");
    const reviewEndsAt = new Date(now.getTime() + REVIEW_DAYS * 86_400_000);
    const moved = await moveMilestone(tx, milestoneId, "passed", { reviewEndsAt });
    await note(tx, moved.projectId, {
      kind: "milestone.handed_over",
      actor: by,
      data: { milestone: moved.title },
    });
    await tell(tx, "customer", "milestone_passed", await findProject(tx, moved.projectId));
    return moved;
  });

export const reviewDaysOf = ({ acceptance }: Milestone): number => acceptance?.reviewDays ?? REVIEW_DAYS;

/** The customer takes it, or agrees to do without: either makes its lines due. */
export async function acceptMilestone(
  tenantId: string,
  milestoneId: string,
  how: "accepted" | "waived",
  by: string,
  now = new Date(),
): Promise<Milestone> {
  const seller = await neededSeller();
  return forTenant(tenantId, async (tx) => {
    const moved = await moveMilestone(tx, milestoneId, how, { decidedAt: now });
    await note(tx, moved.projectId, {
      kind: `milestone.${how}`,
      actor: by,
      data: { milestone: moved.title },
    });
    await tell(tx, "staff", "milestone_decided", await findProject(tx, moved.projectId));
    return invoiceMilestone(tx, moved, { seller, now });
  });
}

/** Bills what is due with a milestone that was taken. */
export async function invoiceMilestone(tx: TenantTx, milestone: Milestone, issue: Issue): Promise<Milestone> {
  const { id, quoteId, projectId, key } = milestone;
  const invoiceId = await invoiceLinesDue(tx, { id: quoteId, projectId }, key, issue);
  return invoiceId ? moveMilestone(tx, id, "invoiced", { invoiceId }) : milestone;
}

export const milestonesOf = (tx: TenantTx, projectId: string): Promise<Milestone[]> =>
  tx.select(milestones, eq(milestones.projectId, projectId), { orderBy: asc(milestones.dueOn) });
