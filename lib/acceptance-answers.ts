import { createWriteStream } from "node:fs";
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { desc, eq } from "drizzle-orm";
import { acceptanceRuns, milestones } from "@/db/schema/projects";
import { forTenant, type TenantTx } from "@/db/tenant";
import type { Judged } from "./acceptance-figures";
import { fail } from "./errors";
import { incomingDir } from "./home";
import { createId } from "./id";
import {
  heldMilestone,
  insertRun,
  type Milestone,
  moveMilestone,
  NOTHING_SUBMITTED,
  passes,
} from "./milestones";
import { ndjsonOf } from "./ndjson";
import { tell } from "./project-notices";
import { findProject, note } from "./projects";
import { readBlob, runKey, storeFile } from "./storage";

/** Every answer of a run, for the customer alone: they see what was wrong, and may say that a label was. */

export async function keepAnswers(tenantId: string, runId: string, judged: readonly Judged[]): Promise<void> {
  const path = join(incomingDir(), `${runId}.ndjson`);
  await mkdir(dirname(path), { recursive: true });
  await pipeline(Readable.from(judged.map((row) => `${JSON.stringify(row)}\n`)), createWriteStream(path));
  await storeFile(runKey(tenantId, runId), path);
}

async function readAnswers(tenantId: string, runId: string): Promise<Judged[]> {
  const judged: Judged[] = [];
  for await (const row of ndjsonOf<Judged>(await readBlob(runKey(tenantId, runId)))) judged.push(row);
  return judged;
}

/** A run of a project with its answers, wrong ones first. */
export async function runAnswers(tenantId: string, projectId: string, runId: string) {
  const { run, milestone } = await forTenant(tenantId, (tx) => findRun(tx, runId));
  if (milestone.projectId !== projectId) return fail("not_found");
  const rows = (await readAnswers(tenantId, run.contestOf ?? run.id)).map((row) => ({
    ...row,
    label: run.contested?.find(({ line }) => line === row.line)?.label ?? row.label,
  }));
  const isWrong = ({ label, answer }: Judged) => Number(label !== answer);
  rows.sort((a, b) => isWrong(b) - isWrong(a) || a.line - b.line);
  const labels = [...new Set(rows.map(({ label }) => label))].sort();
  return { run, milestone, rows, labels };
}

async function findRun(tx: TenantTx, id: string) {
  const run = (await tx.one(acceptanceRuns, eq(acceptanceRuns.id, id))) ?? fail("not_found");
  const milestone = await tx.one(milestones, eq(milestones.id, run.milestoneId));
  return { run, milestone: milestone ?? fail("not_found") };
}

/**
 * The customer says that rows were labelled wrongly: the same answers are judged by the new labels, and both results are
 * kept. Only in the review of what was reached, and only rows that were measured.
 */
export async function contestLabels(
  tenantId: string,
  runId: string,
  contested: { line: number; label: string }[],
  by: string,
): Promise<Milestone> {
  const { run, milestone } = await forTenant(tenantId, (tx) => findRun(tx, runId));
  const { acceptance } = milestone;
  if (!acceptance) return fail("invalid_request", "Nothing is measured at this milestone.");
  const said = new Map([...(run.contested ?? []), ...contested].map(({ line, label }) => [line, label]));
  const judged = await readAnswers(tenantId, run.contestOf ?? run.id);
  const lines = new Set(judged.map(({ line }) => line));
  const foreign = contested.find(({ line }) => !lines.has(line));
  if (foreign) fail("invalid_request", `Line ${foreign.line} was not measured.`, "contested");
  // The engine's arithmetic, which pages do not carry along.
  const { acceptanceFigures } = await import("./acceptance-figures");
  const figures = acceptanceFigures(
    acceptance,
    judged.map((row) => ({ ...row, label: said.get(row.line) ?? row.label })),
  );
  const hasPassed = passes(acceptance, figures);
  return forTenant(tenantId, async (tx) => {
    const now = await heldMilestone(tx, run.milestoneId);
    const [last] = await tx.select(acceptanceRuns, eq(acceptanceRuns.milestoneId, now.id), {
      orderBy: desc(acceptanceRuns.number),
      limit: 1,
    });
    if (now.state !== "passed" || last?.id !== runId)
      fail("state_conflict", "Labels are contested in the review of the newest run.");
    const { modelId, rows, excluded } = run;
    await insertRun(
      tx,
      now.id,
      { runId: createId("acceptance"), modelId, setSha256: acceptance.setSha256, rows, excluded, ...figures },
      {
        ...{ number: last.number + 1, hasPassed, contestOf: run.contestOf ?? run.id },
        contested: [...said].map(([line, label]) => ({ line, label })),
      },
    );
    const data = { milestone: now.title, rows: String(contested.length), value: figures.value.toFixed(4) };
    await note(tx, now.projectId, { kind: "milestone.contested", actor: by, data });
    await tell(tx, "staff", "milestone_decided", await findProject(tx, now.projectId));
    if (hasPassed) return now;
    return moveMilestone(tx, now.id, "missed", { reviewEndsAt: null, ...NOTHING_SUBMITTED });
  });
}
