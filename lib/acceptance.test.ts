import { eq } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { acceptanceRuns } from "@/db/schema/projects";
import { datasets, datasetVersions } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { reportFixture } from "../workers/report-fixture";
import { failMeasurement, modelToMeasure, submitModel } from "./acceptance";
import { openShop } from "./billing.fixture";
import { createId } from "./id";
import { recordAcceptanceRun } from "./milestones";
import type { CheckReport } from "./ml/contract";
import { createModelId, insertProbingModel, markReady } from "./models";
import { timeline } from "./projects";
import { acceptanceOf, firstMilestone, modelMilestone, quoteLine, signedProject } from "./projects.fixture";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

const SET = "c".repeat(64);
const NOW = new Date("2026-03-01T12:00:00Z");
let [tenantId, projectId, milestoneId, modelId, versionId] = ["", "", "", "", ""];

beforeEach(async () => {
  const milestones = [modelMilestone(acceptanceOf({ setSha256: SET, maxRuns: 1 }))];
  const lines = [quoteLine("model", "4000", { milestone_key: "model" })];
  ({ tenantId, projectId, milestoneId } = await signedProject({ lines, milestones, signedAt: NOW }));
  [modelId, versionId] = [createModelId(), createId("version")];
  await forTenant(tenantId, async (tx) => {
    const dataset = createId("dataset");
    await tx.insert(datasets, { id: dataset, name: "Sample", task: "text-classification" });
    await tx.insert(datasetVersions, {
      ...{ id: versionId, datasetId: dataset, number: 1, fileId: "file-none", columns: {} },
      ...{ fingerprint: versionId, status: "ready", report: { sha256: SET } as CheckReport },
    });
    await insertProbingModel(tx, {
      ...{ id: modelId, name: `ft:${modelId}`, jobId: "ftjob-none", base: "minilm-l6" },
      ...{ task: "text-classification", recipe: "lexical", files: {}, sizeBytes: 0 },
      report: reportFixture,
    });
    await markReady(tx, modelId);
  });
});

const milestone = () => firstMilestone(tenantId, projectId);
const submit = () => submitModel(tenantId, milestoneId, modelId, "usr_am");
const removeSet = () =>
  forTenant(tenantId, (tx) => tx.remove(datasetVersions, eq(datasetVersions.id, versionId)));
const runs = () => forTenant(tenantId, (tx) => tx.select(acceptanceRuns));

test("a model is handed in once, by whoever is first, and the worker finds what to measure", async () => {
  const several = await Promise.allSettled(Array.from({ length: 6 }, submit));
  expect(several.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await modelToMeasure(tenantId, milestoneId)).toMatchObject({
    model: { id: modelId },
    setId: versionId,
    submittedBy: "usr_am",
  });
});

test("where the signed rows are gone nothing is handed in, and the milestone stays as it was", async () => {
  await removeSet();
  await expect(submit()).rejects.toMatchObject({ code: "state_conflict" });
  expect((await milestone())?.state).toBe("planned");
});

test("rows that go after a model was handed in cost no run: the milestone goes on and says why", async () => {
  await submit();
  await removeSet();
  const why = await modelToMeasure(tenantId, milestoneId).catch((error: Error) => error.message);
  await failMeasurement(tenantId, milestoneId, String(why));
  expect(await milestone()).toMatchObject({ state: "in_progress", submittedModelId: null });
  expect(await runs()).toEqual([]);
  const [event] = await forTenant(tenantId, (tx) => timeline(tx, projectId, false));
  expect(event).toMatchObject({
    kind: "milestone.not_measured",
    body: expect.stringContaining("rows that were signed are gone"),
  });
  // Nothing is waiting any more: a message that comes twice does nothing.
  expect(await modelToMeasure(tenantId, milestoneId)).toBeNull();
});

test("no more runs than were agreed, and no model that is not there", async () => {
  await expect(submitModel(tenantId, milestoneId, "mdl_none", "usr_am")).rejects.toMatchObject({
    code: "model_not_found",
  });
  await submit();
  const figures = { rows: 20, excluded: 0, value: 0.5, low: 0.3, high: 0.7, perClass: [] };
  const measured = { runId: createId("acceptance"), modelId, setSha256: SET, ...figures };
  await recordAcceptanceRun(tenantId, milestoneId, measured, "usr_am", NOW);
  // A second worker that fails on the same message changes nothing.
  expect((await failMeasurement(tenantId, milestoneId, "late")).state).toBe("missed");
  await expect(submit()).rejects.toThrow(/All 1 runs/);
});
