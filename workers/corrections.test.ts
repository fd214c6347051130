import type { ChildProcess } from "node:child_process";
import { Readable } from "node:stream";
import { parse } from "csv-parse/sync";
import { afterAll, beforeAll, expect, test } from "vitest";
import * as rowsRoute from "@/app/api/datasets/versions/[id]/rows/route";
import * as correctionsRoute from "@/app/api/models/[id]/corrections/route";
import * as retrainRoute from "@/app/api/models/[id]/retrain/route";
import { closePools } from "@/db/index";
import { listAudit } from "@/lib/audit";
import { decisionsFor, modelBefore } from "@/lib/corrections";
import { getVersion } from "@/lib/datasets";
import { createFile } from "@/lib/files";
import { createJob, getJob } from "@/lib/jobs";
import { getModel, type Model } from "@/lib/models";
import { ask } from "@/lib/people.fixture";
import { closeQueues } from "@/lib/queue";
import { actorOf } from "@/lib/session";
import { createTenant } from "@/lib/tenants";
import { openDoor, startServe, stopServe, until } from "./serve-fixtures";
import { startWorker } from "./worker";

/** From doubted labels to a model of corrected rows, every part the real one. */
const WORDS = {
  refund: ["money back", "refund my order", "return the payment", "reimburse me", "cancel and refund"],
  delivery: ["parcel late", "where is my package", "delivery address", "courier never came", "shipping time"],
};
/** Every eleventh row has the other label. */
const rows = Object.entries(WORDS).flatMap(([label, texts]) =>
  Array.from({ length: 60 }, (_, n) => ({
    text: `${texts[n % texts.length]} please number ${n}`,
    right: label,
    given: n % 11 === 3 ? (label === "refund" ? "delivery" : "refund") : label,
  })),
);
const csv = `text,label\n${rows.map(({ text, given }) => `${text},${given}`).join("\n")}\n`;
const rightOf = (line: number) => rows[line - 2]?.right ?? "";

let serve: ChildProcess;
let door: Awaited<ReturnType<typeof openDoor>>;
let worker: Awaited<ReturnType<typeof startWorker>>;
let tenant: Awaited<ReturnType<typeof createTenant>>;
let first: Model;

beforeAll(async () => {
  door = await openDoor();
  process.env.GRAFT_URL = door.url;
  serve = await startServe(Number(process.env.SERVE_PORT), process.env);
  worker = await startWorker({ sweepMs: 500 });
  tenant = await createTenant({ name: "Corrections", email: "a@corrections.test" });
  const headers = { authorization: `Bearer ${tenant.apiKey}` };
  const file = await createFile({
    tenantId: tenant.tenantId,
    actorId: "system",
    filename: "tickets.csv",
    purpose: "fine-tune",
    stream: Readable.from([Buffer.from(csv)]),
  });
  const { job } = await createJob(await actorOf(new Request(door.url, { headers })), {
    model: "minilm-l6",
    training_file: file.id,
    graft: { recipe: "lexical", columns: { text: "text", label: "label" } },
  });
  first = await modelOf(job.id);
});
afterAll(async () => {
  await worker?.close();
  await stopServe(serve, "SIGTERM");
  door.close();
  await Promise.all([closeQueues(), closePools()]);
});

async function modelOf(jobId: string): Promise<Model> {
  const done = await until("the job to end", async () => {
    const now = await getJob(tenant.tenantId, jobId);
    return ["succeeded", "failed"].includes(now.state) && now;
  });
  expect(done, done.errorMessage ?? "").toMatchObject({ state: "succeeded" });
  return getModel(tenant.tenantId, String(done.modelId));
}
const decide = (line: number, label: string | null, key = tenant.apiKey) =>
  ask(correctionsRoute.POST, { method: "POST", key, params: { id: first.id }, body: { line, label } });
const retrain = (key = tenant.apiKey) =>
  ask(retrainRoute.POST, { method: "POST", key, params: { id: first.id } });
const doubted = () => first.report.labelIssues?.rows ?? [];

test("a decision is kept, changed and taken back; what the report does not doubt is refused", async () => {
  const [row] = doubted();
  if (!row) throw new Error("no label is doubted");
  expect((await retrain()).code).toBe("state_conflict");
  const saidOn = async () => (await decisionsFor(tenant.tenantId, first)).decisions;
  await decide(row.line, row.suggested);
  expect(await saidOn()).toEqual([{ line: row.line, given: row.given, label: row.suggested }]);
  await decide(row.line, row.given);
  expect(await saidOn()).toEqual([{ line: row.line, given: row.given, label: row.given }]);
  // That a label is right changes no row, so there is nothing to train again.
  expect((await retrain()).code).toBe("state_conflict");
  await decide(row.line, null);
  expect(await saidOn()).toEqual([]);
  expect((await decide(1, "refund")).code).toBe("not_found");
  expect((await decide(row.line, "unheard of")).code).toBe("invalid_request");
  const actions = (await listAudit(tenant.tenantId)).map((event) => event.action);
  expect(actions).toEqual(expect.arrayContaining(["label.corrected", "label.confirmed", "label.withdrawn"]));
});

test("another tenant's model is no model, for decisions and for trainings", async () => {
  const stranger = await createTenant({ name: "Stranger", email: "b@corrections.test" });
  expect((await decide(doubted()[0]?.line ?? 0, "refund", stranger.apiKey)).code).toBe("model_not_found");
  expect((await retrain(stranger.apiKey)).code).toBe("model_not_found");
});

test("corrections become a next version, trained again and measured on the same test rows", async () => {
  for (const { line } of doubted()) await decide(line, rightOf(line));
  const wrong = doubted().filter(({ line, given }) => given !== rightOf(line));
  expect(wrong.length).toBeGreaterThan(3);
  const ordered = await retrain();
  expect(ordered.status).toBe(200);
  const second = await modelOf(String(ordered.body.id));

  const [before, after] = [first, second].map(({ report }) => report);
  expect(after?.hashes.split).toBe(before?.hashes.split);
  expect(after?.hashes.rows).not.toBe(before?.hashes.rows);
  expect(after?.evaluation).toMatchObject({ kind: "test", n: before?.evaluation.n });
  expect(after?.seed).toBe(before?.seed);
  expect(await modelBefore(tenant.tenantId, second)).toMatchObject({
    model: { id: first.id },
    corrected: wrong.length,
  });
  expect(await modelBefore(tenant.tenantId, first)).toBeNull();
  const { decisions, settled } = await decisionsFor(tenant.tenantId, second);
  expect(decisions).toEqual([]);
  expect(settled).toEqual(
    doubted()
      .map(({ line }) => line)
      .sort((a, b) => a - b),
  );
});

test("a version remembers its corrections, and its rows say what the file has", async () => {
  // The same decisions are the same version.
  const again = await getJob(tenant.tenantId, String((await retrain()).body.id));
  const jobBefore = await getJob(tenant.tenantId, first.jobId);
  const [parent, version] = await Promise.all(
    [jobBefore.versionId, again.versionId].map((id) => getVersion(tenant.tenantId, String(id))),
  );
  expect(version).toMatchObject({ status: "ready", parentId: parent?.id, datasetId: parent?.datasetId });
  const kinds = version?.report?.problems.map(({ kind, count }) => [kind, count]);
  const corrected = version?.corrections.filter(({ given, label }) => given !== label) ?? [];
  expect(kinds).toContainEqual(["label_corrected", corrected.length]);
  expect(parent?.corrections).toEqual([]);

  const request = new Request(door.url, { headers: { authorization: `Bearer ${tenant.apiKey}` } });
  const answer = await rowsRoute.GET(request, { params: Promise.resolve({ id: version?.id }) });
  const read = parse(await answer.text(), { columns: true }) as Record<string, string>[];
  expect(read).toHaveLength(rows.length);
  const changed = read.filter((row) => row.label_in_file !== "");
  expect(changed.map((row) => [Number(row.line), row.label_in_file, row.label])).toEqual(
    corrected.map(({ line, given, label }) => [line, given, label]),
  );
  await modelOf(again.id);
});
