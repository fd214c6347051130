import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { acceptanceRuns } from "@/db/schema/projects";
import { forTenant } from "@/db/tenant";
import { contestLabels, keepAnswers, runAnswers } from "./acceptance-answers";
import { acceptanceFigures, type Judged } from "./acceptance-figures";
import { openShop } from "./billing.fixture";
import { createId } from "./id";
import { acceptMilestone, recordAcceptanceRun } from "./milestones";
import { acceptanceOf, handIn, modelMilestone, quoteLine, signedProject } from "./projects.fixture";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

const SET = "a".repeat(64);
const NOW = new Date("2026-03-01T12:00:00Z");
/** Ten rows, nine answered like their label. */
const ROWS: Judged[] = Array.from({ length: 10 }, (_, i) => ({
  line: i + 2,
  input: `text ${i}`,
  label: i % 2 ? "a" : "b",
  answer: i === 9 ? "b" : i % 2 ? "a" : "b",
  confidence: 0.9,
}));
let [tenantId, projectId, milestoneId, runId] = ["", "", "", ""];

beforeEach(async () => {
  const milestones = [modelMilestone(acceptanceOf({ threshold: 0.85, maxRuns: 1 }))];
  const lines = [quoteLine("model", "4000", { milestone_key: "model" })];
  ({ tenantId, projectId, milestoneId } = await signedProject({ lines, milestones, signedAt: NOW }));
  await handIn(tenantId, milestoneId);
  runId = createId("acceptance");
  await keepAnswers(tenantId, runId, ROWS);
  const figures = acceptanceFigures({ metric: "accuracy" }, ROWS);
  const measured = { runId, modelId: "mdl_1", setSha256: SET, rows: 10, excluded: 0, ...figures };
  await recordAcceptanceRun(tenantId, milestoneId, measured, "usr_am", NOW);
});

const runs = () => forTenant(tenantId, (tx) => tx.select(acceptanceRuns));
const contest = (run: string, ...said: [number, string][]) =>
  contestLabels(
    tenantId,
    run,
    said.map(([line, label]) => ({ line, label })),
    "usr_owner",
  );

test("a contested label is judged again on the same answers, and both results are kept", async () => {
  expect((await contest(runId, [11, "b"])).state).toBe("passed");
  const [first, second] = await runs();
  expect([first?.value, second?.value]).toEqual(["0.900000000", "1.000000000"]);
  expect(second).toMatchObject({ contestOf: runId, contested: [{ line: 11, label: "b" }], number: 2 });
  // What was contested stays contested, and a contest uses none of the agreed runs up.
  await contest(second?.id ?? "", [2, "a"]);
  const third = (await runs()).find(({ number }) => number === 3);
  expect(third).toMatchObject({ value: "0.900000000", contestOf: runId });
  await acceptMilestone(tenantId, milestoneId, "accepted", "usr_owner", NOW);
});

test("a milestone that the right labels do not carry is missed, and nothing is invoiced", async () => {
  const moved = await contest(runId, [2, "a"], [3, "b"]);
  expect(moved).toMatchObject({ state: "missed", invoiceId: null });
  await expect(contest(runId, [2, "b"])).rejects.toMatchObject({ code: "state_conflict" });
});

test("only the newest run, and only rows that were measured, can be contested", async () => {
  await expect(contest(runId, [99, "a"])).rejects.toThrow(/Line 99 was not measured/);
  await contest(runId, [11, "b"]);
  await expect(contest(runId, [11, "a"])).rejects.toMatchObject({ code: "state_conflict" });
});

test("the customer sees wrong answers first, with the labels as they were contested", async () => {
  const { rows, labels } = await runAnswers(tenantId, projectId, runId);
  expect(rows[0]).toMatchObject({ line: 11, label: "a", answer: "b" });
  expect(labels).toEqual(["a", "b"]);
  await contest(runId, [11, "b"], [2, "a"]);
  const newest = (await runs()).find(({ number }) => number === 2)?.id ?? "";
  expect((await runAnswers(tenantId, projectId, newest)).rows[0]).toMatchObject({ line: 2, label: "a" });
  await expect(runAnswers(tenantId, "prj_other", runId)).rejects.toMatchObject({ code: "not_found" });
});
