import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, test } from "vitest";
import { GET as listCheckpoints } from "@/app/v1/fine_tuning/jobs/[id]/checkpoints/route";
import { closePools } from "@/db/index";
import { usageEvents } from "@/db/schema/usage";
import { forTenant } from "@/db/tenant";
import { createFile } from "@/lib/files";
import { cacheDir, checkpointDir } from "@/lib/home";
import { eventsAfter } from "@/lib/job-events";
import { createJob, getJob, type Job, pauseJob, resumeJob, wireJob } from "@/lib/jobs";
import { getModel } from "@/lib/models";
import { closeQueues } from "@/lib/queue";
import { type Actor, actorOf } from "@/lib/session";
import { createTenant } from "@/lib/tenants";
import { tuneWithKills } from "./killed-tuning.fixture";
import { openDoor, startServe, stopServe, until } from "./serve-fixtures";
import { startWorker } from "./worker";

/** A first model and a tuning that is killed, paused and resumed, with broker, serve and public route the real ones. */
const trainEntry = fileURLToPath(new URL("./fixture-tuner.ts", import.meta.url));
const EPOCHS = 150;
const rows = Array.from({ length: 80 }, (_, n) =>
  n % 2 ? `please refund my order number ${n},refund` : `where is my parcel number ${n},delivery`,
);

let serve: ChildProcess;
let door: Awaited<ReturnType<typeof openDoor>>;
let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  door = await openDoor();
  process.env.GRAFT_URL = door.url;
  serve = await startServe(Number(process.env.SERVE_PORT), process.env);
  worker = await startWorker({ sweepMs: 500, trainEntry });
});
afterAll(async () => {
  await worker?.close();
  await stopServe(serve, "SIGTERM");
  door.close();
  await Promise.all([closeQueues(), closePools()]);
});

async function orderJob(actor: Actor): Promise<Job> {
  const file = await createFile({
    tenantId: actor.tenantId,
    actorId: "system",
    filename: "tickets.csv",
    purpose: "fine-tune",
    stream: Readable.from([Buffer.from(`text,label\n${rows.join("\n")}\n`)]),
  });
  const order = { model: "minilm-l6", training_file: file.id, seed: 5, graft: { budget_minutes: EPOCHS } };
  return (await createJob(actor, order)).job;
}

test("a first model answers customers while its tuning is killed, paused and resumed, and ends as if it were not", async () => {
  const made = await createTenant({ name: "First model", email: "a@first.test" });
  const headers = { authorization: `Bearer ${made.apiKey}` };
  const actor = await actorOf(new Request(door.url, { headers }));
  const client = new OpenAI({ baseURL: `${door.url}/v1`, apiKey: made.apiKey });
  const { tenantId } = made;
  const { id, trainingFileId } = await orderJob(actor);
  const wire = async () => wireJob(actor, await getJob(tenantId, id));
  const first = await until("a first model", async () => (await wire()).graft.provisional_model);
  const messages = [{ role: "user" as const, content: "please refund it" }];
  const ask = async (model: string) =>
    (await client.chat.completions.create({ model, messages })).choices[0]?.message.content;
  expect([await ask(first), (await wire()).status]).toEqual(["refund", "running"]);
  const listed = await listCheckpoints(new Request(`${door.url}/`, { headers }), {
    params: Promise.resolve({ id }),
  });
  expect(await listed.json()).toMatchObject({
    data: [
      {
        object: "fine_tuning.job.checkpoint",
        id: expect.stringMatching(/^ftckpt_/),
        fine_tuning_job_id: id,
        fine_tuned_model_checkpoint: first,
        step_number: 0,
        metrics: { step: 0, full_valid_mean_token_accuracy: expect.any(Number) },
      },
    ],
    has_more: false,
  });

  const saidWith = async (word: string) =>
    (await eventsAfter(tenantId, id, 0)).filter((event) => event.message.startsWith(word));
  const wentOn = (times: number) =>
    until("the next attempt to go on", async () => (await saidWith("Going on from step")).length === times);
  await until("some steps", async () => (await saidWith("Step ")).length > 2);
  const kept = checkpointDir(tenantId, id);
  await until("a checkpoint", async () => readdirSync(kept).some((file) => !file.endsWith(".part")));
  process.kill(Number(readFileSync(join(cacheDir(tenantId, trainingFileId), "pid"), "utf8")), "SIGKILL");
  await wentOn(1);
  await pauseJob(actor, id);
  expect([await ask(first), (await wire()).status]).toEqual(["refund", "paused"]);
  await resumeJob(actor, id);
  await wentOn(2);
  const done = await until("the end", async () => {
    const now = await getJob(tenantId, id);
    return ["succeeded", "failed"].includes(now.state) && now;
  });
  expect(done, done.errorMessage ?? "").toMatchObject({ state: "succeeded", attempt: 3, crashes: 1 });
  // Three attempts made the same first model: it kept its name, and the final one has its id.
  const final = String((await wire()).fine_tuned_model);
  expect(`${final}:ckpt-step-0`).toBe(first);
  expect([await ask(final), await ask(first)]).toEqual(["refund", "refund"]);
  const { weights } = await tuneWithKills(0, EPOCHS, Math.random);
  expect((await getModel(tenantId, final)).report.hashes.artifact).toBe(weights);
  const bill = await until("the usage", async () => {
    const found = await forTenant(tenantId, (tx) => tx.select(usageEvents));
    return found.length === 7 && found.map(({ meter, isBillable }) => `${meter} ${isBillable}`).sort();
  });
  expect(bill).toEqual([
    ...Array(2).fill("inference.row false"),
    ...Array(4).fill("inference.row true"),
    "training.job true",
  ]);
}, 180_000);
