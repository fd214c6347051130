import { Readable } from "node:stream";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as cancel from "@/app/v1/fine_tuning/jobs/[id]/cancel/route";
import * as checkpoints from "@/app/v1/fine_tuning/jobs/[id]/checkpoints/route";
import * as events from "@/app/v1/fine_tuning/jobs/[id]/events/route";
import * as pause from "@/app/v1/fine_tuning/jobs/[id]/pause/route";
import * as resume from "@/app/v1/fine_tuning/jobs/[id]/resume/route";
import * as one from "@/app/v1/fine_tuning/jobs/[id]/route";
import * as estimate from "@/app/v1/fine_tuning/jobs/estimate/route";
import * as all from "@/app/v1/fine_tuning/jobs/route";
import { closePools } from "@/db/index";
import { appraisals } from "@/db/schema/appraisals";
import { files, jobs } from "@/db/schema/work";
import { admitJobs, expiredFiles, sweepJobs } from "@/db/system";
import { forTenant } from "@/db/tenant";
import { type Found, recordFileCheck, recordVersion } from "./checks";
import { requestVersion } from "./datasets";
import { createFile, deleteFile, setReading } from "./files";
import { createId } from "./id";
import type { JobBody } from "./job-body";
import { type JobState, MOVES, moveJob } from "./job-moves";
import { claimJob, crashJob, failJob, noteStalled, writeProgress } from "./job-run";
import { cancelJob, createJob, getJob, pauseJob, resumeJob } from "./jobs";
import { closeQueues } from "./queue";
import { type Actor, actorOf } from "./session";
import { createTenant } from "./tenants";

type Made = Awaited<ReturnType<typeof createTenant>>;
let a: Made;
let b: Made;
let actor: Actor;
beforeAll(async () => {
  a = await createTenant({ name: "Jobs A", email: "a@jobs.test" });
  b = await createTenant({ name: "Jobs B", email: "b@jobs.test" });
  actor = await actorOf(new Request("http://x/", { headers: { authorization: `Bearer ${a.apiKey}` } }));
});
afterAll(async () => {
  await closeQueues();
  await closePools();
});

type Handler = (
  request: Request,
  context?: { params: Promise<Record<string, unknown>> },
) => Promise<Response>;
async function ask(
  handler: Handler,
  path = "/",
  init: { body?: unknown; id?: string; as?: Made; headers?: object } = {},
) {
  const request = new Request(`http://127.0.0.1:3000${path}`, {
    method: init.body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${(init.as ?? a).apiKey}`, ...init.headers },
    ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
  });
  const response = await handler(request, { params: Promise.resolve(init.id ? { id: init.id } : {}) });
  const body = (await response.json()) as Record<string, unknown> & {
    error: { code: string; param: string };
  };
  return { status: response.status, body, headers: response.headers };
}
const order = (body: object, headers = {}) => ask(all.POST, "/", { body, headers });

const report = (accepted: number): NonNullable<Found["report"]> => ({
  rows: accepted,
  accepted,
  setAside: 0,
  columns: [],
  classes: [],
  problems: [],
  duplicates: { exact: 0, near: 0, conflicting: 0 },
  lengths: { p50: 1, p95: 1, max: 1 },
  leakage: null,
  sha256: "0".repeat(64),
});
const column = (name: string, index: number) => ({
  name,
  index,
  kind: "text" as const,
  filled: 10,
  distinct: 10,
  meanLength: 5,
  examples: [],
});
const found = (refusal: Found["refusal"] = null): Found => ({
  profile: {
    reading: { format: "csv", encoding: "utf-8", hasHeader: true, delimiter: "," },
    sheets: [],
    columns: [column("text", 0), column("label", 1), column("queue", 2)],
    sample: [],
    guess: { task: "text-classification", columns: { text: "text", label: "label" }, confidence: 1 },
  },
  report: report(40),
  refusal,
});
const upload = (tenant = a) =>
  createFile({
    tenantId: tenant.tenantId,
    actorId: "system",
    filename: "t.csv",
    purpose: "fine-tune",
    stream: Readable.from([Buffer.from("text,label,queue\na,b,c\n")]),
  });
async function checkedFile(refusal: Found["refusal"] = null) {
  const file = await upload();
  await recordFileCheck(a.tenantId, file.id, {}, found(refusal));
  return file.id;
}
/** A job that waits for a place, its version frozen. */
async function queuedJob() {
  const file = await checkedFile();
  const { job } = await createJob(actor, { model: "minilm-l6", training_file: file });
  await recordVersion(a.tenantId, String(job.versionId), found());
  return getJob(a.tenantId, job.id);
}

describe("the lifecycle", () => {
  const states = Object.keys(MOVES) as JobState[];
  test.each(states.flatMap((from) => states.map((to) => [from, to] as const)))(
    "a job that is %s moves to %s only if the table says so, and only for its attempt",
    async (from, to) => {
      const job = await getJob(
        a.tenantId,
        (await createJob(actor, { model: "minilm-l6", training_file: await shared() })).job.id,
      );
      await forTenant(a.tenantId, async (tx) => {
        await tx.update(jobs, { state: from, attempt: 2 }, eq(jobs.id, job.id));
        expect(await moveJob(tx, { id: job.id, attempt: 1 }, to)).toBeUndefined();
        const moved = await moveJob(tx, { id: job.id, attempt: 2 }, to);
        expect(moved?.state).toBe(MOVES[from].includes(to) ? to : undefined);
        if (moved) expect(moved.finishedAt !== null).toBe(MOVES[to].length === 0);
        await tx.remove(jobs, eq(jobs.id, job.id));
      });
    },
  );
  let file: Promise<string> | undefined;
  const shared = () => {
    file ??= upload().then((one) => one.id);
    return file;
  };
});

test("an order waits for its file and its version, and says so with every key there", async () => {
  const file = await upload();
  const made = await order({ model: "minilm-l6", training_file: file.id, suffix: "tickets", seed: 7 });
  expect(made.status).toBe(200);
  expect(made.body).toMatchObject({
    object: "fine_tuning.job",
    model: "minilm-l6",
    status: "validating_files",
    training_file: file.id,
    hyperparameters: { n_epochs: "auto", batch_size: "auto", learning_rate_multiplier: "auto" },
    seed: 7,
    result_files: [],
    integrations: [],
    user_provided_suffix: "tickets",
  });
  for (const key of [
    "finished_at",
    "fine_tuned_model",
    "trained_tokens",
    "error",
    "validation_file",
    "metadata",
    "estimated_finish",
  ])
    expect(made.body[key], key).toBeNull();
  const id = String(made.body.id);
  await recordFileCheck(a.tenantId, file.id, {}, found());
  const version = String((await getJob(a.tenantId, id)).versionId);
  expect(version).toMatch(/^dsv_/);
  await recordVersion(a.tenantId, version, found());
  const { body } = await ask(one.GET, "/", { id });
  expect(body).toMatchObject({
    status: "queued",
    graft: { stage: null, queue: { position: expect.any(Number), reason: expect.any(String) } },
  });
  // The same file, columns and task are the same version.
  const again = await requestVersion(a.tenantId, {
    fileId: file.id,
    columns: { label: "label", text: "text" },
  });
  expect(again.id).toBe(version);
  const other = await requestVersion(a.tenantId, {
    fileId: file.id,
    columns: { label: "queue", text: "text" },
  });
  expect([other.datasetId, other.number, other.parentId]).toEqual([again.datasetId, 2, again.id]);
  const pages: string[] = [];
  for (let after = ""; ; ) {
    const page = (await ask(events.GET, `/?limit=2${after && `&after=${after}`}`, { id }))
      .body as unknown as {
      data: { id: string }[];
      has_more: boolean;
    };
    pages.push(...page.data.map((event) => event.id));
    after = page.data.at(-1)?.id ?? "";
    if (!page.has_more) break;
  }
  expect(new Set(pages).size).toBe(4);
});

test("a refusal of the check fails the job with its code, and later orders at once", async () => {
  const file = await upload();
  const { job } = await createJob(actor, { model: "minilm-l6", training_file: file.id });
  const refusal = { code: "one_class", message: "All rows have the same label.", param: "label" };
  await recordFileCheck(a.tenantId, file.id, {}, found(refusal));
  expect((await ask(one.GET, "/", { id: job.id })).body).toMatchObject({
    status: "failed",
    error: { code: "one_class", message: refusal.message, param: "training_file" },
  });
  const late = await order({ model: "minilm-l6", training_file: file.id });
  expect([late.status, late.body.error]).toEqual([
    400,
    expect.objectContaining({ code: "invalid_training_file", param: "training_file" }),
  ]);
  // Another column than the guessed one may be fine.
  const rescued = await order({
    model: "minilm-l6",
    training_file: file.id,
    graft: { columns: { text: "text", label: "queue" } },
  });
  expect(rescued.body.status).toBe("validating_files");
});

test("an adapter ordered before its rows were read is refused when they turn out to be of a task that takes none", async () => {
  const file = await upload();
  const body = { model: "minilm-l6", training_file: file.id };
  const imported = { id: createId("job"), adapter: { rank: 4, targets: ["query"] } };
  const { job } = await createJob(actor, body, { imported });
  const { profile } = found();
  const guess = { task: "text-number", columns: { text: "text", number: "label" }, confidence: 1 };
  await recordFileCheck(a.tenantId, file.id, {}, { ...found(), profile: profile && { ...profile, guess } });
  expect((await ask(one.GET, "/", { id: job.id })).body).toMatchObject({
    status: "failed",
    error: {
      code: "task_unsupported",
      param: "training_file",
      message: expect.stringContaining("text-number"),
    },
  });
});

test("wrong orders get their own code", async () => {
  const file = await checkedFile();
  const foreign = (await upload(b)).id;
  const base = { model: "minilm-l6", training_file: file };
  const columns = { text: "text", label: "label" };
  const other = await requestVersion(a.tenantId, { fileId: await checkedFile(), columns });
  const tabular = (columns: object) => ({ ...base, graft: { task: "table-classification", columns } });
  const codes: [object, number, string, string | null][] = [
    [{}, 400, "invalid_request", "model"],
    [{ ...base, model: "gpt-9" }, 404, "model_not_found", "model"],
    [{ ...base, training_file: "file-none" }, 404, "not_found", "training_file"],
    [{ ...base, training_file: foreign }, 404, "not_found", "training_file"],
    [{ ...base, validation_file: foreign }, 404, "not_found", "validation_file"],
    [{ ...base, validation_file: file }, 400, "invalid_request", "validation_file"],
    [{ ...base, suffix: "a:b" }, 400, "invalid_request", "suffix"],
    [
      { ...base, graft: { task: "text-number", precision: "int8" } },
      400,
      "unsupported_parameter",
      "graft.precision",
    ],
    [{ ...base, graft: { deployment: "Not A Name" } }, 400, "invalid_request", "graft.deployment"],
    [{ ...base, graft: { precision: "int4" } }, 400, "invalid_request", "graft.precision"],
    [{ ...base, method: { type: "dpo" } }, 400, "unsupported_parameter", "method.type"],
    ...[0, 99, 2.5, "many"].map((n_epochs): (typeof codes)[number] => [
      { ...base, hyperparameters: { n_epochs } },
      400,
      "invalid_request",
      "hyperparameters.n_epochs",
    ]),
    [
      { ...base, method: { type: "supervised", supervised: { hyperparameters: { batch_size: 257 } } } },
      400,
      "invalid_request",
      "method.supervised.hyperparameters.batch_size",
    ],
    ...[0, 101].map((learning_rate_multiplier): (typeof codes)[number] => [
      { ...base, hyperparameters: { learning_rate_multiplier } },
      400,
      "invalid_request",
      "hyperparameters.learning_rate_multiplier",
    ]),
    ...[0, 33].map((rank): (typeof codes)[number] => [
      { ...base, graft: { lora: { rank } } },
      400,
      "invalid_request",
      "graft.lora.rank",
    ]),
    [{ ...base, graft: { lora: { alpha: 0 } } }, 400, "invalid_request", "graft.lora.alpha"],
    [{ ...base, graft: { lora: { layers: 7 } } }, 400, "invalid_request", "graft.lora.layers"],
    [
      { ...base, graft: { task: "text-entities", lora: { layers: 5 } } },
      400,
      "unsupported_parameter",
      "graft.lora.layers",
    ],
    [{ ...base, graft: { recipe: "head", lora: { rank: 4 } } }, 400, "unsupported_parameter", "graft.lora"],
    [
      { ...base, graft: { task: "table-classification", lora: { rank: 4 } } },
      400,
      "unsupported_parameter",
      "graft.lora",
    ],
    [{ ...base, integrations: [{ type: "wandb" }] }, 400, "unsupported_parameter", "integrations"],
    [{ ...base, graft: { recipe: "magic" } }, 400, "recipe_unsupported", "graft.recipe"],
    [{ ...base, graft: { task: "magic" } }, 400, "task_unsupported", "graft.task"],
    [{ ...base, graft: { dataset_version: other.id } }, 404, "not_found", "graft.dataset_version"],
    [{ ...base, graft: { dataset_version: other.id, columns } }, 400, "invalid_request", "graft.columns"],
    [
      { ...base, graft: { columns: { text: "text", label: "no such" } } },
      400,
      "column_unknown",
      "graft.columns.label",
    ],
    [{ ...base, graft: { columns: { text: "text" } } }, 400, "column_unknown", "graft.columns.label"],
    [
      { ...base, graft: { columns: { text: "text", label: "text" } } },
      400,
      "column_unknown",
      "graft.columns",
    ],
    [
      tabular({ label: "label", columns: ["text", "no such"] }),
      400,
      "column_unknown",
      "graft.columns.columns",
    ],
    [tabular({ label: "label", columns: [] }), 400, "column_unknown", "graft.columns.columns"],
    [tabular({ label: ["label", "text"], columns: ["text"] }), 400, "column_unknown", "graft.columns.label"],
    [tabular({ label: "label", columns: ["text", "label"] }), 400, "column_unknown", "graft.columns"],
    [{ ...base, metadata: { k: "v".repeat(513) } }, 400, "invalid_request", "metadata.k"],
  ];
  for (const [body, status, code, param] of codes) {
    const answer = await order(body);
    expect([answer.status, answer.body.error.code, answer.body.error.param], JSON.stringify(body)).toEqual([
      status,
      code,
      param,
    ]);
  }
});

test("a number out of bounds is told what is allowed", async () => {
  const base = { model: "minilm-l6", training_file: await checkedFile() };
  const told = async (more: object) => JSON.stringify((await order({ ...base, ...more })).body.error);
  expect(await told({ hyperparameters: { n_epochs: 99 } })).toContain(
    "`auto` or a whole number from 1 to 50",
  );
  expect(await told({ graft: { lora: { rank: 64 } } })).toContain("`auto` or a whole number from 1 to 32");
  expect(await told({ graft: { lora: { layers: 9 } } })).toContain("`auto` or a whole number from 1 to 6");
});

test("an order's numbers are the job's until it has run, then what ran is", async () => {
  const made = await order({
    model: "minilm-l6",
    training_file: await checkedFile(),
    hyperparameters: { n_epochs: 2 },
  });
  const asked = { n_epochs: 2, batch_size: "auto", learning_rate_multiplier: "auto" };
  expect(made.body).toMatchObject({
    hyperparameters: asked,
    method: { supervised: { hyperparameters: asked } },
  });
});

test("a client's own retry and a repeated idempotency key are the same job", async () => {
  const body = { model: "minilm-l6", training_file: await checkedFile(), metadata: { b: "2", a: "1" } };
  const [first, second] = await Promise.all([order(body), order(body, { "x-stainless-retry-count": "1" })]);
  const third = await order({ ...body, metadata: { a: "1", b: "2" } }, { "x-stainless-retry-count": "2" });
  expect([first.body.id, second.body.id]).toContain(third.body.id);
  expect(third.headers.get("idempotent-replayed")).toBe("true");
  expect((await order(body)).body.id).not.toBe(third.body.id);
  const keyed = await order(body, { "idempotency-key": '"k-1"' });
  expect((await order(body, { "idempotency-key": "k-1" })).body.id).toBe(keyed.body.id);
  const mismatch = await order({ ...body, seed: 3 }, { "idempotency-key": "k-1" });
  expect([mismatch.status, mismatch.body.error.code]).toEqual([422, "idempotency_mismatch"]);
});

test("jobs are listed newest first, by pages and by metadata", async () => {
  const file = await checkedFile();
  const ids: string[] = [];
  for (const run of ["x", "y", "x"])
    ids.unshift(
      String((await order({ model: "minilm-l6", training_file: file, metadata: { run } })).body.id),
    );
  const list = async (query: string) =>
    (await ask(all.GET, `/?${query}`)).body as unknown as { data: { id: string }[]; has_more: boolean };
  const idsOf = (page: { data: { id: string }[] }) => page.data.map((job) => job.id);
  expect(idsOf(await list("metadata%5Brun%5D=x"))).toEqual([ids[0], ids[2]]);
  expect(idsOf(await list(`limit=1&after=${ids[0]}`))).toEqual([ids[1]]);
  expect(idsOf(await list("metadata=null"))).not.toContain(ids[0]);
  expect((await ask(all.GET, "/", { as: b })).body.data).toEqual([]);
});

test("a cancelled job stays cancelled: its attempt writes nothing more, and a second cancel is a conflict", async () => {
  const job = await queuedJob();
  const claim = await claimJob({ tenantId: a.tenantId, id: job.id, attempt: 0 });
  expect(claim?.held.attempt).toBe(1);
  if (!claim) return;
  expect(await writeProgress(claim.held, claim.job.stages, [{ message: "working" }])).toBe(true);
  expect((await ask(cancel.POST, "/", { id: job.id, body: {} })).body.status).toBe("cancelled");
  expect(await writeProgress(claim.held, claim.job.stages, [{ message: "late" }])).toBe(false);
  await failJob(claim.held, { code: "one_class", message: "late", param: null });
  await crashJob(claim.held);
  expect((await getJob(a.tenantId, job.id)).state).toBe("cancelled");
  const again = await ask(cancel.POST, "/", { id: job.id, body: {} });
  expect([again.status, again.body.error.code, again.headers.get("x-should-retry")]).toEqual([
    409,
    "state_conflict",
    "false",
  ]);
  const strange = await ask(cancel.POST, "/", { id: job.id, body: {}, as: b });
  expect(strange.status).toBe(404);
});

test("a paused job waits for a person alone: no place, no attempt, its files held", async () => {
  const job = await queuedJob();
  const say = (to: typeof pause, as = a) => ask(to.POST, "/", { id: job.id, body: {}, as });
  const conflict = async (to: typeof pause) => {
    const { status, body, headers } = await say(to);
    expect([status, body.error.code, headers.get("x-should-retry")]).toEqual([
      409,
      "state_conflict",
      "false",
    ]);
  };
  await conflict(resume);
  for (const to of [pause, resume]) expect((await say(to, b)).status).toBe(404);
  expect((await say(pause)).body).toMatchObject({ status: "paused", graft: { queue: null } });
  await conflict(pause);
  const pointer = { tenantId: a.tenantId, id: job.id, attempt: 0 };
  expect(await claimJob(pointer)).toBeNull();
  expect((await admitJobs(1000)).map((one) => one.job_id)).not.toContain(job.id);
  await expect(deleteFile(a.tenantId, job.trainingFileId)).rejects.toMatchObject({ code: "state_conflict" });
  const past = { expiresAt: new Date(0) };
  await forTenant(a.tenantId, (tx) => tx.update(files, past, eq(files.id, job.trainingFileId)));
  expect((await expiredFiles()).map((file) => file.id)).not.toContain(job.trainingFileId);
  expect((await say(resume)).body.status).toBe("queued");

  const claim = await claimJob(pointer);
  if (!claim) throw new Error("not claimed");
  const stages = claim.job.stages.map((stage, i) =>
    i === 3 ? { ...stage, status: "running" as const, progress: 0.4 } : stage,
  );
  await writeProgress(claim.held, stages);
  const { body } = await say(pause);
  // How far it was stays to be seen.
  expect(body).toMatchObject({ status: "paused", graft: { stage: null } });
  expect((body.graft as { stages: object[] }).stages[3]).toMatchObject({
    status: "pending",
    reason: "paused",
    progress: 0.4,
  });
  expect(await writeProgress(claim.held)).toBe(false);
  await crashJob(claim.held);
  expect(await getJob(a.tenantId, job.id)).toMatchObject({ state: "paused", crashes: 0 });
  const empty = await ask(checkpoints.GET, "/", { id: job.id });
  expect(empty.body).toEqual({ object: "list", data: [], first_id: null, last_id: null, has_more: false });
  expect((await ask(cancel.POST, "/", { id: job.id, body: {} })).body.status).toBe("cancelled");
  await conflict(resume);
});

test("an order on rows that somebody looked at is promised in the forecast's time, from when its files are ready", async () => {
  const fileId = await checkedFile();
  const columns = { text: "text", label: "label" };
  const version = await requestVersion(a.tenantId, { fileId, columns });
  await recordVersion(a.tenantId, version.id, found());
  const body = { model: "minilm-l6", training_file: fileId, graft: { dataset_version: version.id } };
  const told = async () => (await ask(estimate.POST, "/", { body })).body;
  expect(await told()).toMatchObject({ promised_minutes: null });
  const at = (rows: number) => ({ rows, p50Seconds: 60, p90Seconds: 3 * rows });
  await forTenant(a.tenantId, (tx) =>
    tx.insert(appraisals, {
      versionId: version.id,
      createdBy: "test",
      state: "ready",
      report: { rows: 80, training: [at(40), at(100)] } as never,
    }),
  );
  expect(await told()).toMatchObject({ promised_minutes: 4, late_credit_percent: 50 });
  const { job } = await createJob(actor, { ...body, seed: 1 } as JobBody);
  expect(job).toMatchObject({ state: "queued", promisedMinutes: 4, queuedAt: expect.any(Date) });
  const paused = await pauseJob(actor, job.id);
  expect(paused.heldAt).toBeInstanceOf(Date);
  const resumed = await resumeJob(actor, job.id);
  expect(resumed).toMatchObject({ heldAt: null, queuedAt: job.queuedAt });
  await cancelJob(actor, job.id);
});

test("a job is taken once, an old attempt cannot write, and the third silence ends it unbilled", async () => {
  const job = await queuedJob();
  const pointer = { tenantId: a.tenantId, id: job.id, attempt: 0 };
  expect(await claimJob({ ...pointer, tenantId: b.tenantId })).toBeNull();
  const claims = await Promise.all([claimJob(pointer), claimJob(pointer), claimJob(pointer)]);
  expect(claims.filter(Boolean)).toHaveLength(1);
  for (let attempt = 1; attempt <= 3; attempt++) {
    await forTenant(a.tenantId, (tx) => tx.update(jobs, { heartbeatAt: new Date(0) }, eq(jobs.id, job.id)));
    expect((await sweepJobs(60_000, 60_000)).filter((one) => one.why === "stalled")).toMatchObject([
      { job_id: job.id },
    ]);
    await noteStalled(a.tenantId, job.id);
    const old = { ...pointer, attempt };
    expect(await writeProgress(old, job.stages, [{ message: "old" }])).toBe(false);
    const next = await claimJob(old);
    expect(next?.held.attempt).toBe(attempt < 3 ? attempt + 1 : undefined);
    if (next) expect(await writeProgress(old)).toBe(false);
  }
  expect(await getJob(a.tenantId, job.id)).toMatchObject({
    state: "failed",
    errorCode: "job_failed",
    crashes: 3,
  });
});

test("a deleted tenant file fails the job that comes to need it, not the worker", async () => {
  const file = await checkedFile();
  const version = await requestVersion(a.tenantId, {
    fileId: file,
    columns: { text: "text", label: "label" },
  });
  await recordVersion(a.tenantId, version.id, found());
  await deleteFile(a.tenantId, file);
  const late = await order({ model: "minilm-l6", training_file: file });
  expect(late.status).toBe(404);
});

test("a file that is told to be read another way is checked again that way", async () => {
  const file = await checkedFile({ code: "header_missing", message: "No rows.", param: null });
  await setReading(a.tenantId, file, { hasHeader: false });
  // The check that was under way read the bytes the old way: its word does not count.
  expect(await recordFileCheck(a.tenantId, file, {}, found())).toBe(false);
  expect(await recordFileCheck(a.tenantId, file, { hasHeader: false }, found())).toBe(true);
});

test("places go round the tenants", async () => {
  await queuedJob();
  const chosen = await admitJobs(1000);
  expect(chosen.length).toBeGreaterThan(0);
  expect(await admitJobs(1000)).toEqual([]);
});
