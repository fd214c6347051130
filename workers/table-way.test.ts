import type { ChildProcess } from "node:child_process";
import { readFileSync } from "node:fs";
import { Readable } from "node:stream";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { getVersion } from "@/lib/datasets";
import { createFile } from "@/lib/files";
import type { JobBody } from "@/lib/job-body";
import { createJob, getJob, wireJob } from "@/lib/jobs";
import { usualRow } from "@/lib/ml/contract";
import { readModelCard } from "@/lib/model-card";
import { getModel } from "@/lib/models";
import { closeQueues } from "@/lib/queue";
import { actorOf } from "@/lib/session";
import { createTenant } from "@/lib/tenants";
import { downloadRows } from "@/lib/version-rows";
import { openDoor, startServe, stopServe, until } from "./serve-fixtures";
import { startWorker } from "./worker";

/** A table through every real part: its columns guessed, or named in the order, to a model that answers rows. */
let serve: ChildProcess;
let door: Awaited<ReturnType<typeof openDoor>>;
let worker: Awaited<ReturnType<typeof startWorker>>;
let tenant: Awaited<ReturnType<typeof createTenant>>;
let file: { id: string };
const csv = readFileSync("samples/gym-members.csv");

beforeAll(async () => {
  door = await openDoor();
  process.env.GRAFT_URL = door.url;
  serve = await startServe(Number(process.env.SERVE_PORT), process.env);
  worker = await startWorker({ sweepMs: 500 });
  tenant = await createTenant({ name: "Tables", email: "a@tables.test" });
  file = await createFile({
    tenantId: tenant.tenantId,
    actorId: "system",
    filename: "gym-members.csv",
    purpose: "fine-tune",
    stream: Readable.from([csv]),
  });
});
afterAll(async () => {
  await worker?.close();
  await stopServe(serve, "SIGTERM");
  door.close();
  await Promise.all([closeQueues(), closePools()]);
});

async function train(graft: object, more: Partial<JobBody> = {}) {
  const headers = { authorization: `Bearer ${tenant.apiKey}` };
  const actor = await actorOf(new Request(door.url, { headers }));
  const { job } = await createJob(actor, {
    model: "minilm-l6",
    training_file: file.id,
    graft: { recipe: "head", ...graft },
    ...more,
  });
  const done = await until("the job to end", async () => {
    const now = await getJob(tenant.tenantId, job.id);
    return ["succeeded", "failed"].includes(now.state) && now;
  });
  expect(done, done.errorMessage ?? "").toMatchObject({ state: "succeeded", task: "table-classification" });
  return { actor, job: done, model: await getModel(tenant.tenantId, String(done.modelId)) };
}

test("without columns the guess is taken: the rows are those of the file, and the card says what goes in", async () => {
  const { job, model } = await train({ task: undefined });
  expect(model.report).toMatchObject({ base: null, recipe: "head", labels: ["cancelled", "stays"] });
  const columns = model.report.columns ?? [];
  expect(columns).toHaveLength(9);
  expect(Object.keys(usualRow(columns))).toEqual(columns.map(({ name }) => name));
  const rows = await (await downloadRows(tenant.tenantId, String(job.versionId))).text();
  const [first, ...others] = parse(rows, { columns: true }) as Record<string, string>[];
  expect(others).toHaveLength(519);
  const [given] = parse(csv, { columns: true }) as Record<string, string>[];
  expect(first).toMatchObject({ line: "2", age: given?.age, plan: given?.plan, status: given?.status });
  expect(first).not.toHaveProperty("member");
  const card = await readModelCard(model);
  expect(card).toContain("A row of a table (age, months, plan, monthly_fee");
  expect(card).toContain("Cost: nothing, it was ordered without a plan.");
  expect(card).not.toMatch(/\bTexts?\b|words alone/i);
});

test("named columns are the ones that are read, in whatever order they are named", async () => {
  const named = ["visits_per_month", "classes", "months"];
  const { job, model } = await train({
    task: "table-classification",
    columns: { label: "status", columns: named },
  });
  expect(model.report.columns?.map(({ name }) => name)).toEqual(["months", "visits_per_month", "classes"]);
  const { columns } = await getVersion(tenant.tenantId, String(job.versionId));
  expect(columns).toEqual({ label: "status", columns: named });
});

test("ordered epochs and batches are those of the fit, and the finished job tells numbers", async () => {
  const hyperparameters = { n_epochs: 2, batch_size: 50, learning_rate_multiplier: "auto" as const };
  const { actor, job, model } = await train(
    { task: "table-classification", recipe: "dnn" },
    { hyperparameters },
  );
  const wire = await wireJob(actor, job);
  const ran = { n_epochs: 2, batch_size: 50, learning_rate_multiplier: 1 };
  expect(wire).toMatchObject({
    hyperparameters: ran,
    method: { supervised: { hyperparameters: ran } },
    graft: { effective: { settings: { epochs: 2, batch_size: 50, decay: 0.01 } } },
  });
  expect(model.report.compared.find(({ chosen }) => chosen)?.effective).toMatchObject({ batchSize: 50 });
});
