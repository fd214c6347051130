import type { ChildProcess } from "node:child_process";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { leaveDamagedBase } from "@/lib/bases.fixture";
import { createFile } from "@/lib/files";
import { createJob, getJob, wireJob } from "@/lib/jobs";
import { DEFAULT_BASE } from "@/lib/ml/catalogue";
import { closeQueues } from "@/lib/queue";
import { type Actor, actorOf } from "@/lib/session";
import { createTenant } from "@/lib/tenants";
import { openDoor, startServe, stopServe, until } from "./serve-fixtures";
import { startWorker } from "./worker";

/** A base whose files changed on the disk, with the real worker, training child and serve. */
const CSV = `text,label\n${Array.from({ length: 60 }, (_, n) => `please handle request number ${n} ${n % 2 ? "now" : "later"},${n % 2 ? "x" : "y"}`).join("\n")}\n`;

let serve: ChildProcess;
let door: Awaited<ReturnType<typeof openDoor>>;
let worker: Awaited<ReturnType<typeof startWorker>>;
let actor: Actor;
let authorization: string;
beforeAll(async () => {
  door = await openDoor();
  process.env.GRAFT_URL = door.url;
  // It is ready before the damage: a base may come, and be damaged, while it runs.
  serve = await startServe(Number(process.env.SERVE_PORT), process.env);
  leaveDamagedBase();
  worker = await startWorker({ sweepMs: 500 });
  const { apiKey } = await createTenant({ name: "Damaged", email: "a@damaged.test" });
  authorization = `Bearer ${apiKey}`;
  actor = await actorOf(new Request(door.url, { headers: { authorization } }));
});
afterAll(async () => {
  await worker?.close();
  await stopServe(serve, "SIGTERM");
  door.close();
  await Promise.all([closeQueues(), closePools()]);
});

async function train(recipe: string) {
  const { id } = await createFile({
    tenantId: actor.tenantId,
    actorId: "system",
    filename: "t.csv",
    purpose: "fine-tune",
    stream: Readable.from([Buffer.from(CSV)]),
  });
  const { job } = await createJob(actor, { model: DEFAULT_BASE, training_file: id, graft: { recipe } });
  return until("the job to end", async () => {
    const now = await getJob(actor.tenantId, job.id);
    return ["succeeded", "failed"].includes(now.state) && now;
  });
}

test("a training ends at its first attempt with what is wrong with the base and what mends it", async () => {
  const job = await train("auto");
  expect(job).toMatchObject({ state: "failed", attempt: 1, errorCode: "base_damaged" });
  const { error } = await wireJob(actor, job);
  expect(error?.message).toContain("model.safetensors is not what was installed");
  expect(error?.message).toContain(`npm run admin -- base add ${DEFAULT_BASE}`);
});

test("a training that reads no base is not stopped by a damaged one", async () => {
  expect(await train("lexical")).toMatchObject({ state: "succeeded", errorCode: null });
});

test("what needs the base is answered with what is wrong, not by another's numbers", async () => {
  const body = JSON.stringify({ model: DEFAULT_BASE, input: "a parcel" });
  const refusal = await until("serve to look at the base", async () => {
    const headers = { authorization, "content-type": "application/json" };
    const response = await fetch(`${door.url}/v1/embeddings`, { method: "POST", headers, body });
    const { error } = (await response.json()) as { error: { code: string } };
    return error.code !== "base_unavailable" && { status: response.status, code: error.code };
  });
  expect(refusal).toEqual({ status: 500, code: "base_damaged" });
});
