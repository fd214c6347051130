import type { ChildProcess } from "node:child_process";
import { sql } from "drizzle-orm";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { budgetLeases } from "@/db/schema/billing";
import { apiKeys } from "@/db/schema/people";
import { forTenant } from "@/db/tenant";
import { offer, openShop, profile } from "@/lib/billing.fixture";
import { saveProfile } from "@/lib/billing-profiles";
import { saveBudget } from "@/lib/budgets";
import { env } from "@/lib/env";
import { monthStart } from "@/lib/periods";
import { closeQueues } from "@/lib/queue";
import { saveRowLimit } from "@/lib/row-limits";
import { subscribe } from "@/lib/subscriptions";
import { createTenant } from "@/lib/tenants";
import { usageByDay } from "@/lib/usage";
import { deployTinyModel, freePort, startServe, stopServe } from "./serve-fixtures";

/** Two serving processes share the limits of one customer; a row costs a cent. */
const ports: number[] = [];
const serves: ChildProcess[] = [];
let tenantId = "";
let apiKey = "";
let model = "";
const start = (port: number) => startServe(port, { ...process.env, SERVE_PORT: String(port) });

beforeAll(async () => {
  await openShop();
  await offer("served-by-row", {
    base: "0",
    meters: { "inference.row": { included: "0", tiers: [{ up_to: null, unit_decimal: "0.01" }] } },
  });
  ports.push(env().SERVE_PORT, await freePort());
  for (const port of ports) serves.push(await start(port));
});
afterAll(async () => {
  for (const serve of serves) await stopServe(serve, "SIGTERM");
  await Promise.all([closePools(), closeQueues()]);
});
beforeEach(async () => {
  const mark = `${Date.now().toString(36)}${Math.random().toString(36).slice(2, 6)}`;
  const made = await createTenant({ name: `Limits ${mark}`, email: `l-${mark}@limits.test` });
  ({ tenantId, apiKey } = made);
  model = (await deployTinyModel(made, "tickets")).name;
  await saveProfile(tenantId, profile(), "test");
  await subscribe(tenantId, { planId: "served-by-row", startsAt: monthStart(new Date()) }, "test");
});

const limit = (hardMinor: number | null) => saveBudget(tenantId, { hardMinor }, "test");
const headers = () => ({ authorization: `Bearer ${apiKey}`, "content-type": "application/json" });
const post = (path: string, body: unknown, at = 0) =>
  fetch(`http://127.0.0.1:${ports[at]}${path}`, {
    method: "POST",
    headers: headers(),
    body: JSON.stringify(body),
  });
const ask = async (rows: number, at = 0): Promise<number> => {
  const input = Array.from({ length: rows }, () => "parcel late");
  return (await post("/v1/predictions", { model, input }, at).catch(() => null))?.status ?? 0;
};
const billed = async () => (await usageByDay(tenantId, 2)).reduce((sum, { billable }) => sum + billable, 0);

/** Rows that were answered until each of the processes refused. */
async function load(rows: number, at: readonly number[]): Promise<number> {
  let answered = 0;
  const client = async (n: number) => {
    for (let status = 200; status === 200; ) {
      status = await ask(rows, n);
      if (status === 200) answered += rows;
    }
  };
  await Promise.all(at.flatMap((n) => [client(n), client(n), client(n)]));
  return answered;
}

test("two processes under load stay within one limit, and use it but for what they hold", async () => {
  await limit(1000);
  const answered = await load(5, [0, 1]);
  expect(answered).toBeLessThanOrEqual(1000);
  expect(answered).toBeGreaterThanOrEqual(900);
  await expect.poll(billed, { timeout: 10_000 }).toBe(answered);
});

test("what a killed process answered counts, and what passes the limit is a lease of it at most", async () => {
  await limit(1000);
  for (let n = 0; n < 20; n++) expect(await ask(5, 1)).toBe(200);
  const killed = serves[1] as ChildProcess;
  await stopServe(killed, "SIGKILL");
  await forTenant(tenantId, (tx) => tx.update(budgetLeases, { expiresAt: new Date(0) }, sql`true`));
  await load(5, [0]);
  serves[1] = await start(ports[1] as number);
  await load(5, [0, 1]);
  await expect.poll(billed, { timeout: 15_000 }).toBeGreaterThanOrEqual(980);
  expect(await billed()).toBeLessThanOrEqual(1010);
});

test("every route that bills is refused with the limit's name, and none of it is to be tried again", async () => {
  const asks: Record<string, () => Promise<Response>> = {
    predictions: () => post("/v1/predictions", { model, input: "late" }),
    chat: () => post("/v1/chat/completions", { model, messages: [{ role: "user", content: "late" }] }),
    embeddings: () => post("/v1/embeddings", { model: "minilm-l6", input: "late" }),
    classify: () => post("/v1/classify", { model, inputs: ["late"] }),
    "hugging face": () => post(`/hf/models/${model}`, { inputs: "late" }),
    inference: () =>
      post(`/v2/models/${model}/infer`, {
        inputs: [{ name: "text", shape: [1], datatype: "BYTES", data: ["late"] }],
      }),
    file: () => {
      const form = new FormData();
      form.set("model", model);
      form.set("text_column", "text");
      form.set("file", new Blob(["text\nlate\nlost\n"]), "rows.csv");
      const url = `http://127.0.0.1:${ports[0]}/v1/predictions/file`;
      return fetch(url, { method: "POST", headers: { authorization: `Bearer ${apiKey}` }, body: form });
    },
  };
  const refusals = async () => {
    const found: Record<string, unknown> = {};
    for (const [name, ask] of Object.entries(asks)) {
      const response = await ask();
      const text = await response.text();
      found[name] = [response.status, response.headers.get("x-should-retry"), /limit[^.]*reached/.test(text)];
    }
    return found;
  };
  const all = Object.fromEntries(Object.keys(asks).map((name) => [name, [429, "false", true]]));
  const [key] = await forTenant(tenantId, (tx) => tx.select(apiKeys));
  const ofKey = { scope: "key", subject: key?.id ?? "", softRows: null } as const;
  await saveRowLimit(tenantId, { ...ofKey, hardRows: 0 }, "test");
  expect(await refusals()).toEqual(all);
  expect(await billed()).toBe(0);
  await limit(0);
  await saveRowLimit(tenantId, { ...ofKey, hardRows: null }, "test");
  // A process that saw no limit looks again within seconds.
  await expect.poll(refusals, { timeout: 20_000, interval: 1000 }).toEqual(all);
});

test("a limit below what was spent refuses, and without it everything goes on", async () => {
  expect(await ask(50)).toBe(200);
  await limit(10);
  await expect.poll(() => ask(1), { timeout: 15_000, interval: 500 }).toBe(429);
  await limit(null);
  await expect.poll(() => ask(1), { timeout: 15_000, interval: 500 }).toBe(200);
});
