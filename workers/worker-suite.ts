import { type ChildProcess, fork } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { usageEvents } from "@/db/schema/usage";
import { jobEvents, jobs, models } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { createFile, getFile } from "@/lib/files";
import { cacheDir, checkpointDir, runsDir } from "@/lib/home";
import { listCheckpoints } from "@/lib/job-checkpoints";
import { cancelJob, createJob, getJob, type Job, pauseJob, resumeJob, wireJob } from "@/lib/jobs";
import { deleteModel, getModel, listModels } from "@/lib/models";
import { closeQueues, enqueue } from "@/lib/queue";
import { type Actor, actorOf } from "@/lib/session";
import { modelKey, readBlob } from "@/lib/storage";
import { createTenant } from "@/lib/tenants";
import { FIXTURE_BACKEND, SEEDS } from "./report-fixture";
import { until } from "./serve-fixtures";
import { startWorker, type WorkerOptions } from "./worker";

/**
 * What must hold on both brokers. PostgreSQL, the broker, the check-child and the worker are the real ones;
 * the training child is one that does what a test tells it, and the public route answers without a model.
 */
const trainEntry = fileURLToPath(new URL("./fixture-child.ts", import.meta.url));
const FAST: WorkerOptions = { trainEntry, sweepMs: 200, lostMs: 1500, uncheckedMs: 300, staleMs: 4000 };
const CSV = `text,label\n${Array.from({ length: 60 }, (_, n) => `please handle request number ${n} ${n % 2 ? "now" : "later"},${n % 2 ? "x" : "y"}`).join("\n")}\n`;

const isAlive = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

export interface Surroundings {
  /** Makes the broker forget all that it was told. */
  dropMessages(): Promise<void>;
  /** Says where the public route is; before the environment is read. */
  setPublicUrl(url: string): void;
}

export function defineWorkerSuite({ dropMessages, setPublicUrl }: Surroundings): void {
  let door: Server;
  let answer: { status: number; label: string };
  let actor: Actor;
  let stranger: string;
  let worker: { close(): Promise<void> } | undefined;
  let process2: ChildProcess | undefined;

  beforeAll(async () => {
    door = createServer((request, response) => {
      request.resume().on("end", () => {
        const { status, label } = answer;
        const data = [{ index: 0, label, confidence: 1, labels: [] }];
        response.writeHead(request.headers.authorization?.startsWith("Bearer gk_") ? status : 401);
        response.end(JSON.stringify({ id: "pred_1", data }));
      });
    }).listen(0, "127.0.0.1");
    await new Promise((done) => door.once("listening", done));
    setPublicUrl(`http://127.0.0.1:${(door.address() as AddressInfo).port}`);
    answer = { status: 200, label: "x" };
    const made = await createTenant({ name: "Worker A", email: "a@worker.test" });
    stranger = (await createTenant({ name: "Worker B", email: "b@worker.test" })).tenantId;
    actor = await actorOf(new Request("http://x/", { headers: { authorization: `Bearer ${made.apiKey}` } }));
  });
  const stopAll = async () => {
    await worker?.close();
    worker = undefined;
    process2?.kill("SIGKILL");
    process2 = undefined;
  };
  afterAll(async () => {
    await stopAll();
    door.close();
    await closeQueues();
    await closePools();
  });

  const start = async (options: WorkerOptions = FAST) => {
    await stopAll();
    worker = await startWorker(options);
  };
  const upload = (text = CSV) =>
    createFile({
      tenantId: actor.tenantId,
      actorId: "system",
      filename: "t.csv",
      purpose: "fine-tune",
      stream: Readable.from([Buffer.from(text)]),
    });
  const order = async (seed: number, file?: string) => {
    const training_file = file ?? (await upload()).id;
    return (await createJob(actor, { model: "minilm-l6", training_file, seed })).job;
  };
  const job = (id: string) => getJob(actor.tenantId, id);
  const reach = (id: string, ...states: Job["state"][]) =>
    until(`${id} to be ${states.join(" or ")}`, async () => {
      const now = await job(id);
      return states.includes(now.state) && now;
    });
  const noteOf = (of: Job, name: string) => join(cacheDir(actor.tenantId, of.trainingFileId), name);
  const childOf = (of: Job) =>
    until(
      "the child",
      async () => existsSync(noteOf(of, "pid")) && Number(readFileSync(noteOf(of, "pid"), "utf8")),
    );
  const rowsOf = async (of: Job) =>
    forTenant(actor.tenantId, async (tx) => ({
      usage: (await tx.select(usageEvents)).filter((row) => row.id === of.id).length,
      models: (await tx.select(models)).filter((row) => row.jobId === of.id).map((row) => row.state),
      events: (await tx.select(jobEvents)).filter((row) => row.jobId === of.id),
    }));

  test("a file and an order that nobody heard of are found by the sweep, and end as a model that answers", async () => {
    const made = await order(SEEDS.quick);
    // Committed, and then the broker forgets everything it was told.
    await dropMessages();
    await start();
    const done = await reach(made.id, "succeeded", "failed");
    expect(done).toMatchObject({ state: "succeeded", errorCode: null, attempt: 1, trainedTokens: 400 });
    expect((await getFile(actor.tenantId, made.trainingFileId)).validation).toMatchObject({
      rows: 60,
      accepted: 60,
    });
    expect(done.stages.map((stage) => stage.status)).toEqual(Array(6).fill("done"));
    const rows = await rowsOf(done);
    expect([rows.usage, rows.models]).toEqual([1, ["ready"]]);
    expect(rows.events.filter((event) => event.type === "metrics").length).toBeGreaterThan(0);
  });

  test("a pointer that was lost after admission is sent again", async () => {
    await stopAll();
    const file = await upload();
    await start({ ...FAST, room: 0 });
    const made = await order(SEEDS.quick, file.id);
    await reach(made.id, "queued");
    await stopAll();
    const { admit } = await import("./dispatch");
    await admit(1);
    expect((await job(made.id)).enqueuedAt).not.toBeNull();
    await dropMessages();
    await start();
    expect((await reach(made.id, "succeeded", "failed")).state).toBe("succeeded");
  });

  test("a training that took longer from the queue to its model than was promised says by how much", async () => {
    await stopAll();
    const file = await upload();
    await start({ ...FAST, room: 0 });
    const made = await order(SEEDS.quick, file.id);
    await reach(made.id, "queued");
    const [promisedMinutes, queuedAt] = [30, new Date(Date.now() - 90 * 60_000)];
    await forTenant(actor.tenantId, (tx) =>
      tx.update(jobs, { promisedMinutes, queuedAt, heldMs: 20 * 60_000 }, eq(jobs.id, made.id)),
    );
    await stopAll();
    await start();
    expect(await reach(made.id, "succeeded", "failed")).toMatchObject({
      state: "succeeded",
      // 90 since it was ready, less 20 that it waited for the customer, less 30 that were promised.
      lateMinutes: 41,
    });
  });

  test("a pointer that comes twice, late, or from another tenant runs nothing more", async () => {
    await start({ ...FAST, room: 0 });
    const made = await order(SEEDS.waits);
    await reach(made.id, "queued");
    await start({ ...FAST, room: 2 });
    const pid = await childOf(made);
    for (const tenantId of [actor.tenantId, stranger])
      for (const attempt of [0, 1])
        await enqueue(
          "model.train",
          { tenantId, id: made.id, attempt },
          `${tenantId}.${made.id}.${attempt}.again`,
        );
    const other = await order(SEEDS.quick);
    await reach(other.id, "succeeded");
    expect(Number(readFileSync(noteOf(made, "pid"), "utf8"))).toBe(pid);
    writeFileSync(noteOf(made, "go"), "");
    const done = await reach(made.id, "succeeded", "failed");
    expect([done.state, done.attempt, done.crashes]).toEqual(["succeeded", 1, 0]);
    expect(await rowsOf(done)).toMatchObject({ usage: 1, models: ["ready"] });
  });

  test("a refusal of the engine fails the job with its code, at once and unbilled", async () => {
    await start();
    const done = await reach((await order(SEEDS.refuses)).id, "failed");
    expect(done).toMatchObject({ errorCode: "one_class", errorMessage: "One class only.", attempt: 1 });
    expect(await rowsOf(done)).toMatchObject({ usage: 0, models: [] });
  });

  test("a job says what it computes with while it runs, waits again and is paused, and when it has failed", async () => {
    await start();
    const effective = { recipe: "auto", backend: FIXTURE_BACKEND };
    expect(await reach((await order(SEEDS.refuses)).id, "failed")).toMatchObject({ effective });
    const made = await order(SEEDS.waits);
    const said = await until("the backend", async () => {
      const now = await job(made.id);
      return now.effective?.backend !== undefined && now;
    });
    expect(said).toMatchObject({ state: "running", effective });
    await stopAll();
    expect(await job(made.id)).toMatchObject({ state: "queued", effective });
    expect(await pauseJob(actor, made.id)).toMatchObject({ state: "paused", effective });
    await cancelJob(actor, made.id);
  });

  test("a child that dies is tried three times, then the job fails unbilled", async () => {
    await start();
    const done = await reach((await order(SEEDS.dies)).id, "failed");
    expect(done).toMatchObject({ errorCode: "job_failed", attempt: 3, crashes: 3 });
    expect((await rowsOf(done)).usage).toBe(0);
  });

  test("a fit that diverges fails the job at once with what to do, for it would diverge again", async () => {
    await start();
    const done = await reach((await order(SEEDS.diverges)).id, "failed");
    expect(done).toMatchObject({ errorCode: "training_diverged", attempt: 1, crashes: 0 });
    expect(done.errorMessage).toContain("Choose another recipe");
    expect((await rowsOf(done)).usage).toBe(0);
  });

  test("a child that the system kills is tried once more, then the job fails for want of memory", async () => {
    await start();
    const done = await reach((await order(SEEDS.isKilled)).id, "failed");
    expect(done).toMatchObject({ errorCode: "out_of_memory", attempt: 2, crashes: 2 });
    const { usage, events } = await rowsOf(done);
    expect(usage).toBe(0);
    expect(events.map((event) => event.message)).toContain("The training ran out of memory; it starts again");
  });

  test("a child that says nothing any more is ended", async () => {
    await start({ ...FAST, silentMs: 1500 });
    const made = await order(SEEDS.hangs);
    const pid = await childOf(made);
    await until("another child", async () => (await childOf(made)) !== pid);
    expect(isAlive(pid)).toBe(false);
    await cancelJob(actor, made.id);
  });

  test("a cancelled job ends its child and leaves no model", async () => {
    await start();
    const made = await order(SEEDS.waits);
    const pid = await childOf(made);
    expect((await cancelJob(actor, made.id)).state).toBe("cancelled");
    await until("the child to end", async () => !isAlive(pid));
    expect(await rowsOf(await job(made.id))).toMatchObject({ usage: 0, models: [] });
  });

  const wire = async (of: Job) => wireJob(actor, await job(of.id));
  const offered = (of: Job) =>
    until("a first model", async () => (await wire(of)).graft.provisional_model ?? undefined);
  const listed = async () => (await listModels(actor.tenantId)).map((model) => model.name);
  const isThere = (name: string) =>
    getModel(actor.tenantId, name).then(
      () => true,
      () => false,
    );

  test("a first model answers while the training goes on; the final one has the id that it was named after", async () => {
    await start();
    const made = await order(SEEDS.offers);
    const first = await offered(made);
    expect(first).toMatch(/^ft:minilm-l6:worker-a::[0-9a-z]+:ckpt-step-0$/);
    expect(await wire(made)).toMatchObject({ status: "running", fine_tuned_model: null });
    const { data } = await listCheckpoints(actor.tenantId, made.id, { limit: 10 });
    expect(data.map((model) => model.name)).toEqual([first]);
    expect(await listed()).toContain(first);
    writeFileSync(noteOf(made, "go"), "");
    const done = await reach(made.id, "succeeded", "failed");
    const final = String((await wire(done)).fine_tuned_model);
    expect(`${final}:ckpt-step-0`).toBe(first);
    expect(await rowsOf(done)).toMatchObject({ usage: 1 });
    expect([await isThere(first), (await listed()).includes(first)]).toEqual([true, false]);
    await deleteModel(actor, final);
    expect([await isThere(final), await isThere(first)]).toEqual([false, false]);
  });

  test("a first model that does not answer is a word in the events, and the training goes on without it", async () => {
    await start();
    answer = { status: 400, label: "x" };
    const made = await order(SEEDS.offers);
    const events = await until("the word", async () => {
      const { events } = await rowsOf(made);
      return events.some((event) => event.message.startsWith("A first model could not")) && events;
    });
    expect(events.filter((event) => event.level === "error")).toEqual([]);
    answer = { status: 200, label: "x" };
    writeFileSync(noteOf(made, "go"), "");
    const done = await reach(made.id, "succeeded", "failed");
    expect(done.state).toBe("succeeded");
    expect((await rowsOf(done)).models.sort()).toEqual(["failed", "ready"]);
  });

  test("a paused job ends its child, takes no place, and goes on with its checkpoints and its first model", async () => {
    await start({ ...FAST, room: 1 });
    const made = await order(SEEDS.offers);
    const first = await offered(made);
    const pid = await childOf(made);
    const stoppedAt = Date.now();
    expect((await pauseJob(actor, made.id)).state).toBe("paused");
    await until("the child to end", async () => !isAlive(pid));
    expect(Date.now() - stoppedAt).toBeLessThan(10_000);
    await reach((await order(SEEDS.quick)).id, "succeeded");
    expect(await wire(made)).toMatchObject({ status: "paused", graft: { provisional_model: first } });
    const attempts = () => readFileSync(join(checkpointDir(actor.tenantId, made.id), "attempts"), "utf8");
    expect(attempts()).toBe(".");

    await resumeJob(actor, made.id);
    await until("the second attempt", async () => attempts() === "..");
    // The same artifact again: whoever calls the first model keeps its name.
    await pauseJob(actor, made.id);
    expect(await offered(made)).toBe(first);
    writeFileSync(noteOf(made, "artifact"), "another");
    await resumeJob(actor, made.id);
    const second = await until("another first model", async () => {
      const name = (await wire(made)).graft.provisional_model;
      return name !== first && name;
    });
    expect(await isThere(first)).toBe(false);
    writeFileSync(noteOf(made, "go"), "");
    const done = await reach(made.id, "succeeded", "failed");
    expect(done).toMatchObject({ state: "succeeded", attempt: 3, crashes: 0 });
    expect(`${(await wire(done)).fine_tuned_model}:ckpt-step-0`).toBe(second);
    await until("its checkpoints to go", async () => !existsSync(checkpointDir(actor.tenantId, made.id)));
  });

  test("a job that is cancelled while paused leaves its first model usable, and nothing to pay or go on from", async () => {
    await start();
    const made = await order(SEEDS.offers);
    const first = await offered(made);
    await pauseJob(actor, made.id);
    const gone = await cancelJob(actor, made.id);
    await until("its checkpoints to go", async () => !existsSync(checkpointDir(actor.tenantId, made.id)));
    expect(await rowsOf(gone)).toMatchObject({ usage: 0, models: ["ready"] });
    expect(await wire(made)).toMatchObject({ status: "cancelled", graft: { provisional_model: first } });
    expect(await listed()).toContain(first);
    await deleteModel(actor, first);
    expect((await wire(made)).graft.provisional_model).toBeNull();
  });

  test("a deployment that was cut off gives its id up, and the final model still has its first model's", async () => {
    await start();
    const made = await order(SEEDS.offers);
    const first = await offered(made);
    answer = { status: 503, label: "x" };
    writeFileSync(noteOf(made, "go"), "");
    const { modelId } = await until("the deployment", async () => {
      const now = await job(made.id);
      return now.modelId !== null && (await rowsOf(made)).models.includes("probing") && now;
    });
    await pauseJob(actor, made.id);
    answer = { status: 200, label: "x" };
    await resumeJob(actor, made.id);
    const done = await reach(made.id, "succeeded", "failed");
    expect(done).toMatchObject({ state: "succeeded", attempt: 2 });
    expect(done.modelId).not.toBe(modelId);
    const { graft, fine_tuned_model } = await wire(made);
    expect(graft.provisional_model).toBe(`${fine_tuned_model}:ckpt-step-0`);
    expect([await isThere(first), (await rowsOf(made)).usage]).toEqual([false, 1]);
    expect((await rowsOf(made)).models.sort()).toEqual(["deleted", "failed", "ready", "ready"]);
  });

  test("a model that does not answer through the public route never becomes ready, and is not billed", async () => {
    await start();
    answer = { status: 400, label: "x" };
    const failed = await reach((await order(SEEDS.quick)).id, "failed");
    expect(failed.errorCode).toBe("job_failed");
    expect(await rowsOf(failed)).toMatchObject({ usage: 0, models: ["failed"] });
    answer = { status: 503, label: "x" };
    const made = await order(SEEDS.quick);
    await until("the probe", async () => (await rowsOf(made)).models.includes("probing"));
    answer = { status: 200, label: "x" };
    expect((await reach(made.id, "succeeded", "failed")).state).toBe("succeeded");
  });

  test("a worker that stops in order gives its job back uncounted, and the next one finishes it", async () => {
    await start();
    const made = await order(SEEDS.waits);
    const pid = await childOf(made);
    await stopAll();
    expect(isAlive(pid)).toBe(false);
    expect(await job(made.id)).toMatchObject({ state: "queued", crashes: 0, attempt: 1 });
    writeFileSync(noteOf(made, "go"), "");
    await start();
    expect(await reach(made.id, "succeeded", "failed")).toMatchObject({ state: "succeeded", attempt: 2 });
  });

  /** A worker in a process of its own, to be killed. */
  const startProcess = async () => {
    await stopAll();
    const entry = fileURLToPath(new URL("./fixture-worker.ts", import.meta.url));
    const started = fork(entry, [], {
      execArgv: ["--import", "tsx"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    process2 = started;
    await new Promise((done) => started.once("message", done));
    return started;
  };

  test("a worker killed while it offers a first model leaves none of it behind", async () => {
    const killed = await startProcess();
    answer = { status: 503, label: "x" };
    const made = await order(SEEDS.offers);
    const [probing] = await until("the offer", async () => {
      const found = await forTenant(actor.tenantId, (tx) => tx.select(models, eq(models.jobId, made.id)));
      return Object.keys(found[0]?.files ?? {}).length > 0 && found;
    });
    const blob = modelKey(actor.tenantId, String(probing?.id), "manifest.json");
    expect(await readBlob(blob)).toBeDefined();
    killed.kill("SIGKILL");
    answer = { status: 200, label: "x" };
    writeFileSync(noteOf(made, "go"), "");
    await start();
    expect((await reach(made.id, "succeeded", "failed")).state).toBe("succeeded");
    expect((await rowsOf(made)).models.sort()).toEqual(["failed", "ready", "ready"]);
    await expect(readBlob(blob)).rejects.toMatchObject({ code: "not_found" });
  });

  test("a worker killed in the middle takes its child along, and the next one finishes the job", async () => {
    const killed = await startProcess();
    const pidOfWorker = killed.pid;
    const made = await order(SEEDS.waits);
    const pid = await childOf(made);
    await until("the fine-tune stage", async () => (await job(made.id)).stages[3]?.status === "running");
    killed.kill("SIGKILL");
    await until("the orphan to end", async () => !isAlive(pid));
    writeFileSync(noteOf(made, "go"), "");
    expect((await job(made.id)).state).toBe("running");
    await start();
    const done = await reach(made.id, "succeeded", "failed");
    expect([done.state, done.attempt, done.crashes]).toEqual(["succeeded", 2, 1]);
    expect(await rowsOf(done)).toMatchObject({ usage: 1, models: ["ready"] });
    expect(existsSync(join(runsDir(), String(pidOfWorker)))).toBe(false);
  });
}
