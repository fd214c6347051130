import { forTenant } from "@/db/tenant";
import { createBuyer } from "./billing.fixture";
import { createId } from "./id";
import { type Measured, type Milestone, milestonesOf, moveMilestone } from "./milestones";
import { createProject } from "./projects";
import { draftQuote, sendQuote, signQuote } from "./quotes";
import type { Acceptance } from "./scope";

/** For tests: a project that a customer has signed for. */

type Input = Parameters<typeof draftQuote>[2];
type LineInput = Input["lines"][number];

export const quoteLine = (key: string, unitDecimal: string, more: Partial<LineInput> = {}): LineInput => ({
  ...{ key, kind: "fixed", title: `The ${key}`, quantity: 1, unit_decimal: unitDecimal, discount_bp: 0 },
  milestone_key: null,
  ...more,
});

export const modelMilestone = (acceptance: Acceptance | null): Input["milestones"][number] => ({
  ...{ key: "model", title: "The model", due_on: "2026-05-01" },
  acceptance,
});

export const acceptanceOf = (more: Partial<Acceptance> = {}): Acceptance => ({
  ...{ setSha256: "a".repeat(64), metric: "accuracy", threshold: 0.9, rule: "point", minRows: 10 },
  ...{ maxRuns: 5, reviewDays: 10 },
  ...more,
});

interface Wanted {
  lines: LineInput[];
  milestones?: Input["milestones"];
  signedAt: Date;
  currency?: string;
  buyer?: Parameters<typeof createBuyer>[0];
}

export async function signedProject({ lines, milestones = [], signedAt, currency = "EUR", buyer }: Wanted) {
  const tenantId = await createBuyer({ currency, ...buyer });
  const { id: projectId } = await createProject(tenantId, { title: "Letters" }, "usr_am");
  const validUntil = new Date(signedAt.getTime() + 30 * 86_400_000).toISOString().slice(0, 10);
  const draft = await draftQuote(tenantId, projectId, { validUntil, lines, milestones }, "usr_am");
  const { sha256 } = await sendQuote(tenantId, draft.id, "usr_am", signedAt);
  const signing = { userId: "usr_owner", name: "Ada Owner", address: "127.0.0.1", sha256: sha256 ?? "" };
  await signQuote(tenantId, draft.id, signing, signedAt);
  return { tenantId, projectId, milestoneId: (await firstMilestone(tenantId, projectId))?.id ?? "" };
}

export const firstMilestone = async (tenantId: string, projectId: string): Promise<Milestone | undefined> =>
  (await forTenant(tenantId, (tx) => milestonesOf(tx, projectId)))[0];

/** As when a model is handed in, without one. */
export const handIn = (tenantId: string, milestoneId: string): Promise<Milestone> =>
  forTenant(tenantId, async (tx) => {
    await moveMilestone(tx, milestoneId, "in_progress");
    return moveMilestone(tx, milestoneId, "submitted");
  });

/** What a model reached on 400 rows of `acceptanceOf()`. */
export const measurement = (more: Partial<Measured> = {}): Measured => ({
  ...{ runId: createId("acceptance"), modelId: "mdl_1", setSha256: "a".repeat(64), rows: 400, excluded: 0 },
  ...{ value: 0.93, low: 0.91, high: 0.95, perClass: [] },
  ...more,
});
