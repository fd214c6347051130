import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GET as findReport } from "@/app/v1/models/[model]/report/route";
import { GET as findModel } from "@/app/v1/models/[model]/route";
import { closePools } from "@/db/index";
import { models } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { reportFixture } from "@/workers/report-fixture";
import { deployTinyModel } from "@/workers/serve-fixtures";
import { modelReport } from "./api/answers";
import { insertKey } from "./keys";
import { modelReportSchema } from "./ml/contract";
import { deleteModel, getModel } from "./models";
import { ask, createPerson, unique } from "./people.fixture";
import type { KeyScope } from "./permissions";
import type { Actor } from "./session";
import { createTenant } from "./tenants";

const estimate = { value: 0.9, low: 0.85, high: 0.94 };
const bins = [{ confidence: 0.9, accuracy: 0.8, n: 300 }];
const wrong = { line: 7, text: "my secret row", confidence: 1 };
const doubted = { line: 9, text: "a secret row too", given: "orderLost", suggested: "refund", score: 0.9 };
const report: typeof reportFixture = {
  ...reportFixture,
  recipe: "wide",
  base: { id: "minilm-l6", sha256: "b" },
  labels: ["refund", "orderLost"],
  evaluation: {
    ...reportFixture.evaluation,
    perClass: [{ label: "orderLost", precision: 0.5, recall: 0.5, f1: 0.5, support: 20 }],
    confusions: [{ actual: "refund", predicted: "orderLost", count: 3, rows: [wrong] }],
    calibration: { ece: 0.02, bins, eceByChance: 0.03 },
    selective: [{ threshold: 0.5, coverage: 0.9, error: 0.01, errorUpper: 0.02 }],
  },
  compared: [
    {
      ...{ recipe: "wide", scores: { macro_f1: estimate }, seconds: 2, chosen: true },
      effective: { c: 1, classNames: true },
    },
  ],
  leftOut: [{ recipe: "full", seconds: 900 }],
  pairedDifference: estimate,
  scope: { score: "similarity", threshold: 0.4, auroc: 0.91 },
  labelIssues: { count: 4, rows: [doubted] },
  learningCurve: { status: "refused", reason: "too_few_rows", points: [{ rows: 20, accuracy: 0.7 }] },
  abstention: [{ accepted: 0.05, threshold: 0.8, coverage: estimate, error: 0.03, errorUpper: 0.045 }],
  leakage: 2,
  seconds: { "fine-tune": 3 },
  hashes: { rows: "r", split: "s", artifact: "a" },
};

let tenant: Awaited<ReturnType<typeof createTenant>>;
let owner: Awaited<ReturnType<typeof createPerson>>;
let model: { id: string; name: string };
beforeAll(async () => {
  owner = await createPerson();
  tenant = await createTenant({ name: unique("reports"), email: owner.email });
  model = await deployTinyModel(tenant, "tickets");
  await store(report);
});
afterAll(closePools);

const store = (values: typeof report) =>
  forTenant(tenant.tenantId, (tx) => tx.update(models, { report: values }, eq(models.id, model.id)));
const keyWith = async (...scopes: KeyScope[]) => {
  const values = { name: "k", scopes, createdBy: owner.userId, expiresAt: null };
  return (await forTenant(tenant.tenantId, (tx) => insertKey(tx, values))).key;
};
const reportOf = (name: string, key: string) => ask(findReport, { key, params: { model: name } });

test("the whole report is answered, in the API's names and as the document says", async () => {
  const { status, body } = await reportOf(model.name, tenant.apiKey);
  expect(status).toBe(200);
  expect(body).toMatchObject({
    ...{ object: "model.report", model: model.name, has_texts: true, created: expect.any(Number) },
    ...{ format_version: 1, recipe: "wide", base: report.base, labels: report.labels, leakage: 2 },
    evaluation: {
      macro_f1: report.evaluation.macroF1,
      per_class: report.evaluation.perClass,
      confusions: report.evaluation.confusions,
      calibration: { ece: 0.02, ece_by_chance: 0.03, bins },
      selective: [{ threshold: 0.5, coverage: 0.9, error: 0.01, error_upper: 0.02 }],
    },
    compared: [{ recipe: "wide", scores: { macro_f1: estimate }, effective: { c: 1, class_names: true } }],
    ...{ left_out: report.leftOut, paired_difference: estimate, floor: report.floor, scope: report.scope },
    ...{ label_issues: report.labelIssues, learning_curve: report.learningCurve },
    abstention: [{ accepted: 0.05, coverage: estimate, error_upper: 0.045 }],
    ...{ seed: 1, backend: "none", hashes: report.hashes, seconds: report.seconds, trained_tokens: 400 },
  });
  expect(modelReport.safeParse(body).error).toBeUndefined();
  const stored = Object.keys(modelReportSchema.shape).filter((name) => name in report).length;
  expect(Object.keys(body)).toHaveLength(stored + ["object", "model", "created", "has_texts"].length);
});

test("no name of the report's is left in camel case, and class names that look like it stay", async () => {
  const text = JSON.stringify((await reportOf(model.id, tenant.apiKey)).body);
  const names = [...text.matchAll(/"([^"]+)":/g)].map(([, name]) => name);
  expect(names.filter((name) => /[A-Z]/.test(String(name)))).toEqual([]);
  expect(text).toContain('"label":"orderLost"');
  expect(text).not.toContain("order_lost");
});

test("a key that may not read files is told every figure and no text of a row", async () => {
  const { status, body } = await reportOf(model.name, await keyWith("models.read"));
  expect(status).toBe(200);
  expect(JSON.stringify(body)).not.toContain("secret");
  expect(body).toMatchObject({
    has_texts: false,
    evaluation: { confusions: [{ actual: "refund", predicted: "orderLost", count: 3, rows: [] }] },
    label_issues: { count: 4, rows: [] },
  });
  const withFiles = await reportOf(model.name, await keyWith("models.read", "files.read"));
  expect(JSON.stringify(withFiles.body)).toContain("my secret row");
});

test("the rows of every other kind of evaluation stay away from such a key too", async () => {
  const evaluation = {
    ...{ measures: "answers" as const, kind: "test" as const, n: 9, f1: estimate, exact: estimate },
    worst: [{ line: 1, question: "secret?", text: "secret", expected: "secret", answered: "secret" }],
  };
  const { labelIssues: _, ...others } = report;
  await store({ ...others, evaluation } as unknown as typeof report);
  const { body } = await reportOf(model.name, await keyWith("models.read"));
  expect(body.evaluation).toEqual({ ...evaluation, worst: [] });
  await store(report);
});

test("a session of the organisation reads it as its page does", async () => {
  const { status, body } = await ask(findReport, {
    ...{ cookie: owner.cookie, query: `graft_tenant=${tenant.slug}`, params: { model: model.name } },
  });
  expect([status, body.has_texts]).toEqual([200, true]);
});

test("a foreign model, one that is not there, a base and a key without the scope are refused as for a model", async () => {
  const stranger = await createTenant({ name: unique("strangers"), email: `${unique("s")}@people.test` });
  for (const [name, key] of [
    [model.name, stranger.apiKey],
    [model.id, stranger.apiKey],
    ["ft:minilm-l6:nobody:none:01j0000000000000000000000x", tenant.apiKey],
    [model.name, await keyWith("files.read")],
  ] as const) {
    const [asked, beside] = [
      await reportOf(name, key),
      await ask(findModel, { key, params: { model: name } }),
    ];
    expect([asked.status, asked.body.error], name).toEqual([beside.status, beside.body.error]);
    expect([403, 404]).toContain(asked.status);
  }
  expect(await reportOf("minilm-l6", tenant.apiKey)).toMatchObject({ status: 404, code: "model_not_found" });
});

test("a model that is not ready has no report to read", async () => {
  const probing = await deployTinyModel(tenant, "probing", { state: "probing" });
  expect(await reportOf(probing.name, tenant.apiKey)).toMatchObject({ status: 404, code: "model_not_found" });
});

test("the report of a deleted model keeps its figures, without texts and for nobody outside", async () => {
  const actor = { tenantId: tenant.tenantId, userId: owner.userId, keyId: null } as Actor;
  await deleteModel(actor, model.name);
  const left = (await getModel(tenant.tenantId, model.id, ["deleted"])).report;
  expect(left.evaluation).toMatchObject({ confusions: [{ actual: "refund", count: 3, rows: [] }] });
  expect(JSON.stringify(left)).not.toContain("secret");
  expect(await reportOf(model.name, tenant.apiKey)).toMatchObject({ status: 404, code: "model_not_found" });
});
