import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { expect, test } from "@playwright/test";
import {
  api,
  createTenant,
  type MadeTenant,
  ready,
  smallCsv,
  trainSmall,
  until,
  uploadFile,
} from "./fixtures";

/** Parts of the running stack are killed under load. Runs after all other journeys: it disturbs them. */
test.describe.configure({ mode: "serial" });
const home = resolve(process.env.GRAFT_HOME ?? ".graft");
let tenant: MadeTenant;
let model: string;

const processes = () => readdirSync("/proc").filter((name) => /^\d+$/.test(name));
/** A file of a process, empty when the process has gone meanwhile. */
function about(pid: number | string, what: "cmdline" | "environ" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "utf8");
  } catch {
    return "";
  }
}
const parentOf = (pid: number | string) => Number(about(pid, "stat").split(") ").pop()?.split(" ")[1]);

/** Processes of this stack alone, by a piece of their command line: they inherit its home. */
const pidsOf = (piece: string): number[] =>
  processes()
    .filter((pid) => about(pid, "cmdline").includes(piece))
    .filter((pid) => about(pid, "environ").split("\0").includes(`GRAFT_HOME=${home}`))
    .map(Number);

/** The database has neither the home in its environment nor, under root, its folder there: its parent tells. */
function databaseAndSupervisor(): { postgres: number; supervisor: number } {
  const supervisor = parentOf(pidsOf("/serve.js")[0] ?? 0);
  const postgres = processes().find(
    (pid) => parentOf(pid) === supervisor && about(pid, "cmdline").split("\0")[0]?.endsWith("postgres"),
  );
  if (!postgres) throw new Error("the database was not found");
  return { postgres: Number(postgres), supervisor };
}
const ask = () =>
  api("/v1/predictions", { key: tenant.apiKey, body: { model, input: "please refund the broken kettle" } });

test.skip(process.platform !== "linux", "processes are found through /proc");
test.beforeAll(async () => {
  tenant = await createTenant("outage");
  ({ model } = await trainSmall(tenant.apiKey));
});

test("a worker killed in mid-job: the job finishes on its own", async () => {
  test.setTimeout(180_000);
  const file = await uploadFile(tenant.apiKey, "more.csv", smallCsv());
  const { body } = await api("/v1/fine_tuning/jobs", {
    key: tenant.apiKey,
    body: { model: "minilm-l6", training_file: file, graft: { recipe: "head" } },
  });
  const get = async () => (await api(`/v1/fine_tuning/jobs/${body.id}`, { key: tenant.apiKey })).body;
  await until("the start", async () => ((await get()).status === "running" ? true : null), 60_000);
  const [worker] = pidsOf("/worker.js");
  if (!worker) throw new Error("the worker was not found");
  process.kill(worker, "SIGKILL");
  const done = await until(
    "the end",
    async () => {
      const job = await get();
      return ["succeeded", "failed"].includes(String(job.status)) ? job : null;
    },
    150_000,
  );
  expect(done.status).toBe("succeeded");
  expect(pidsOf("/worker.js")).not.toContain(worker);
});

test("serve killed: calls answer again by themselves, and no usage is lost", async () => {
  const usage = async () => {
    const { body } = await api("/v1/usage?days=2", { key: tenant.apiKey });
    const lines = body.data as { meter: string; rows: number; billable: number }[];
    return lines.reduce((sum, line) => sum + (line.meter === "inference.row" ? line.billable : 0), 0);
  };
  const before = await usage();
  for (let call = 0; call < 5; call++) expect((await ask()).status).toBe(200);
  const serve = pidsOf("/serve.js")[0];
  if (!serve) throw new Error("serve was not found");
  process.kill(serve, "SIGKILL");
  let answered = 5;
  await until(
    "serve's return",
    async () => {
      if ((await ask()).status !== 200) return null;
      answered += 1;
      return true;
    },
    30_000,
  );
  await until("the usage", async () => ((await usage()) >= before + answered ? true : null), 30_000);
  expect(await usage()).toBe(before + answered);
});

test("the database gone for ten seconds: 503 with retry-after, then everything as before", async () => {
  test.setTimeout(120_000);
  const { postgres, supervisor } = databaseAndSupervisor();
  // The supervisor sleeps, or it would bring the database back at once.
  process.kill(supervisor, "SIGSTOP");
  try {
    process.kill(postgres, "SIGKILL");
    const end = Date.now() + 10_000;
    let refused = 0;
    while (Date.now() < end) {
      for (const answer of await Promise.all([
        ask(),
        api("/v1/models", { key: tenant.apiKey }),
        api("/api/ready"),
      ])) {
        expect(answer.status, JSON.stringify(answer.body)).toBe(503);
        refused += 1;
      }
      const { headers } = await api("/v1/models", { key: tenant.apiKey });
      expect(Number(headers.get("retry-after"))).toBeGreaterThan(0);
      expect((await api("/api/health")).status).toBe(200);
      await new Promise((done) => setTimeout(done, 500));
    }
    expect(refused).toBeGreaterThan(5);
  } finally {
    process.kill(supervisor, "SIGCONT");
  }
  await until("recovery", async () => ((await api("/api/ready")).status === 200 ? true : null), 60_000);
  expect((await ask()).status).toBe(200);
  const again = await trainSmall(tenant.apiKey);
  expect(again.model).toContain(tenant.slug);
  expect((await fetch(ready().url)).status).toBe(200);
});
