import type { ChildProcess } from "node:child_process";
import { createReadStream } from "node:fs";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GET as live } from "@/app/api/jobs/[id]/live/route";
import { closePools } from "@/db/index";
import { usageEvents } from "@/db/schema/usage";
import { forTenant } from "@/db/tenant";
import { getVersion } from "@/lib/datasets";
import { createFile } from "@/lib/files";
import { createJob, getJob, wireJob } from "@/lib/jobs";
import { getModel } from "@/lib/models";
import { closeQueues } from "@/lib/queue";
import { actorOf } from "@/lib/session";
import { createTenant } from "@/lib/tenants";
import { openDoor, startServe, stopServe, until } from "./serve-fixtures";
import { startWorker } from "./worker";

/** One row's way with every part the real one: broker, check, engine, serve, the public route, live events. */
const WORDS = {
  refund: ["money back", "refund my order", "return the payment", "reimburse me", "cancel and refund"],
  delivery: ["parcel late", "where is my package", "delivery address", "courier never came", "shipping time"],
};
const rows = Object.entries(WORDS).flatMap(([label, texts]) =>
  Array.from({ length: 40 }, (_, n) => `${texts[n % texts.length]} please number ${n},${label}`),
);

let serve: ChildProcess;
let door: Awaited<ReturnType<typeof openDoor>>;
let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  door = await openDoor();
  process.env.GRAFT_URL = door.url;
  serve = await startServe(Number(process.env.SERVE_PORT), process.env);
  worker = await startWorker({ sweepMs: 500 });
});
afterAll(async () => {
  await worker?.close();
  await stopServe(serve, "SIGTERM");
  door.close();
  await Promise.all([closeQueues(), closePools()]);
});

interface Frame {
  event: string;
  id: number | null;
  data: { id?: string; status?: string; message?: string; fine_tuned_model?: string | null };
}
const framesOf = (text: string): Frame[] =>
  text
    .split("\n\n")
    .filter((frame) => frame.includes("data: "))
    .map((frame) => ({
      event: /^event: (.*)$/m.exec(frame)?.[1] ?? "",
      id: Number(/^id: (.*)$/m.exec(frame)?.[1]) || null,
      data: JSON.parse(/^data: (.*)$/m.exec(frame)?.[1] ?? "{}"),
    }));

test("rows become a model that answers, every step told live and the training on the bill once", async () => {
  const made = await createTenant({ name: "Whole way", email: "a@whole.test" });
  const headers = { authorization: `Bearer ${made.apiKey}` };
  const actor = await actorOf(new Request(door.url, { headers }));
  const file = await createFile({
    tenantId: made.tenantId,
    actorId: "system",
    filename: "tickets.csv",
    purpose: "fine-tune",
    stream: Readable.from([Buffer.from(`text,label\n${rows.join("\n")}\n`)]),
  });
  const order = {
    ...{ model: "minilm-l6", training_file: file.id, suffix: "way", graft: { recipe: "lexical" } },
    hyperparameters: { n_epochs: 3, batch_size: "auto" as const },
  };
  const { job } = await createJob(actor, order);
  const watch = (after?: number) =>
    live(
      new Request(`${door.url}/api/jobs/${job.id}/live`, {
        headers: { ...headers, ...(after ? { "last-event-id": String(after) } : {}) },
      }),
      { params: Promise.resolve({ id: job.id }) },
    );
  const stream = await watch();
  expect(stream.headers.get("cache-control")).toContain("no-transform");
  // The stream ends by itself when the job has.
  const frames = framesOf(await stream.text());
  const done = await getJob(made.tenantId, job.id);
  expect(done, done.errorMessage ?? "").toMatchObject({ state: "succeeded", attempt: 1 });
  const entries = frames.filter((frame) => frame.event === "entry");
  const seqs = entries.map((frame) => Number(frame.id));
  expect(seqs).toEqual([...seqs].sort((a, b) => a - b));
  expect(entries.at(-1)?.data.message).toBe("The job has successfully completed");
  // Clients may always send epochs: where there are none, that is said, and no number pretends otherwise.
  expect(entries.filter(({ data }) => data.message?.includes("without effect"))).toMatchObject([
    {
      data: { message: "`n_epochs`: without effect, the recipe `lexical` of this model has no such setting" },
    },
  ]);
  const wire = await wireJob(actor, done);
  expect(wire.hyperparameters).toMatchObject({ n_epochs: "auto" });
  expect(frames.filter((frame) => frame.event === "job").at(-1)?.data).toEqual(
    JSON.parse(JSON.stringify(wire)),
  );
  const name = String(wire.fine_tuned_model);
  expect(name).toMatch(new RegExp(`^ft:minilm-l6:${made.slug}:way:[0-9a-z]+$`));
  expect((await getModel(made.tenantId, name)).state).toBe("ready");

  const resumed = framesOf(await (await watch(seqs[2])).text()).filter((frame) => frame.event === "entry");
  expect(resumed.map((frame) => frame.id)).toEqual(seqs.slice(3));
  expect((await watch(seqs.at(-1))).status).toBe(204);

  const answer = await fetch(`${door.url}/v1/predictions`, {
    method: "POST",
    headers: { ...headers, "content-type": "application/json" },
    body: JSON.stringify({ model: name, input: "please reimburse me" }),
  });
  expect(await answer.json()).toMatchObject({ data: [{ label: "refund" }] });
  const usage = await until("the usage", async () => {
    const found = await forTenant(made.tenantId, (tx) => tx.select(usageEvents));
    return found.length === 3 && found;
  });
  const bill = usage.map((event) => [event.meter, event.isBillable, event.reason]).sort();
  expect(bill).toEqual([
    ["inference.row", false, "probe"],
    ["inference.row", true, null],
    ["training.job", true, null],
  ]);
});

test("a validation file is read like its training file, and what leaks between them is counted", async () => {
  const made = await createTenant({ name: "Leaking", email: "a@leak.test" });
  const request = new Request(door.url, { headers: { authorization: `Bearer ${made.apiKey}` } });
  const actor = await actorOf(request);
  const upload = (lines: string[]) =>
    createFile({
      tenantId: made.tenantId,
      actorId: "system",
      filename: "t.csv",
      purpose: "fine-tune",
      stream: Readable.from([Buffer.from(`text,label\n${lines.join("\n")}\n`)]),
    });
  const training = await upload(rows);
  const validation = await upload([...rows.slice(0, 5), ...rows.map((row) => `once more ${row}`)]);
  const { job } = await createJob(actor, {
    model: "minilm-l6",
    training_file: training.id,
    validation_file: validation.id,
    graft: { recipe: "lexical" },
  });
  const done = await until("the job to end", async () => {
    const now = await getJob(made.tenantId, job.id);
    return ["succeeded", "failed"].includes(now.state) && now;
  });
  expect(done, done.errorMessage ?? "").toMatchObject({ state: "succeeded" });
  const version = await getVersion(made.tenantId, String(done.validationVersionId));
  expect(version).toMatchObject({ againstId: done.versionId, report: { leakage: 5 } });
});

test.each([
  ["ticket-topics.csv", "text-multi-label", "my parcel is late", { labels: expect.any(Array) }],
  [
    "review-stars.csv",
    "text-number",
    "we slept badly",
    { value: expect.any(Number), level: expect.any(Number) },
  ],
  [
    "ticket-pairs.csv",
    "text-similarity",
    { text: "where is my parcel", text_b: "my parcel is late" },
    { value: expect.any(Number), interval: { coverage: 0.9 } },
  ],
  [
    "order-mails.jsonl",
    "text-entities",
    "Where is order HV-40123",
    { spans: [{ start: 15, end: 23, label: "order", text: "HV-40123" }] },
  ],
  [
    "manual-questions.csv",
    "text-answers",
    { question: "How much does the lid weigh?", context: "The lid weighs 300 grams. It is red." },
    { text: expect.any(String), start: expect.any(Number), confidence: expect.any(Number) },
  ],
])(
  "%s goes all the way by its guess alone, as %s",
  async (filename, task, input, output) => {
    const made = await createTenant({ name: task, email: `a@${task}.test` });
    const headers = { authorization: `Bearer ${made.apiKey}` };
    const actor = await actorOf(new Request(door.url, { headers }));
    const file = await createFile({
      tenantId: made.tenantId,
      actorId: "system",
      filename,
      purpose: "fine-tune",
      stream: createReadStream(`samples/${filename}`),
    });
    const order = { model: "minilm-l6", training_file: file.id, graft: { recipe: "lexical" } };
    const { job } = await createJob(actor, order);
    const done = await until("the job to end", async () => {
      const now = await getJob(made.tenantId, job.id);
      return ["succeeded", "failed"].includes(now.state) && now;
    });
    expect(done, done.errorMessage ?? "").toMatchObject({ state: "succeeded", task });
    const { fine_tuned_model: model } = await wireJob(actor, done);
    const answer = await fetch(`${door.url}/v1/predictions`, {
      method: "POST",
      headers: { ...headers, "content-type": "application/json" },
      body: JSON.stringify({ model, input }),
    });
    expect(await answer.json()).toMatchObject({ data: [output] });
  },
  180_000,
);
