import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { unique } from "@/lib/people.fixture";
import { signedRequestId } from "@/lib/request-ids";
import { createTenant } from "@/lib/tenants";
import { usageByDay } from "@/lib/usage";
import { deployTinyModel, freePort, openDoor, startServe, stopServe } from "./serve-fixtures";

/** Two serving processes behind one door. */
const ports = [await freePort(), await freePort()];
process.env.SERVE_URL = ports.map((port) => `http://127.0.0.1:${port}`).join(",");
const serves: ChildProcess[] = [];
let door: Awaited<ReturnType<typeof openDoor>>;
let acme: Awaited<ReturnType<typeof createTenant>>;
const models: string[] = [];
const start = (port: number) => startServe(port, { ...process.env, SERVE_PORT: String(port) });

beforeAll(async () => {
  acme = await createTenant({ name: unique("Many"), email: `${unique("many")}@acme.test` });
  for (const suffix of ["one", "two", "three", "four"])
    models.push((await deployTinyModel(acme, suffix, {})).name);
  for (const port of ports) serves.push(await start(port));
  door = await openDoor();
});
afterAll(async () => {
  for (const serve of serves) await stopServe(serve, "SIGTERM");
  door.close();
  await closePools();
});

async function ask(n: number, headers: Record<string, string> = {}, url = door.url) {
  const response = await fetch(`${url}/v1/predictions`, {
    method: "POST",
    headers: { authorization: `Bearer ${acme.apiKey}`, "content-type": "application/json", ...headers },
    body: JSON.stringify({ model: models[n % models.length], input: "please refund my order" }),
  });
  await response.arrayBuffer();
  return response;
}
const billed = async () =>
  (await usageByDay(acme.tenantId, 2)).reduce((sum, { billable }) => sum + billable, 0);

test("one that is killed under load is passed over: every call is answered, and each is billed once", async () => {
  const statuses: number[] = [];
  let at = 0;
  let isKilled = false;
  const client = async () => {
    while (at < 400) {
      const n = at++;
      if (n === 150 && !isKilled) {
        isKilled = true;
        serves[0]?.kill("SIGKILL");
      }
      statuses.push((await ask(n)).status);
    }
  };
  await Promise.all(Array.from({ length: 8 }, client));
  expect(statuses.filter((status) => status !== 200)).toEqual([]);
  // What the killed one had noted is adopted by the next.
  serves[0] = await start(ports[0] as number);
  await expect.poll(billed, { timeout: 20_000 }).toBe(statuses.length);
}, 120_000);

test("a dead one costs a call less than a second, and is asked again when it is back", async () => {
  await stopServe(serves[0] as ChildProcess, "SIGKILL");
  for (let n = 0; n < 8; n++) {
    const started = performance.now();
    expect((await ask(n)).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(1000);
  }
  serves[0] = await start(ports[0] as number);
  expect((await ask(1)).status).toBe(200);
});

test("a caller cannot choose the id that it is billed by; our own process can", async () => {
  let before = -1;
  await expect
    .poll(
      async () => {
        const now = await billed();
        const isSettled = now === before;
        before = now;
        return isSettled;
      },
      { timeout: 20_000, interval: 1500 },
    )
    .toBe(true);
  const direct = `http://127.0.0.1:${ports[1]}`;
  const forged = await ask(0, { "graft-request-id": "req_mine.AAAA" }, direct);
  expect(forged.headers.get("x-request-id")).not.toBe("req_mine");
  const signed = signedRequestId();
  for (let twice = 0; twice < 2; twice++) {
    const response = await ask(0, { "graft-request-id": signed }, direct);
    expect(response.headers.get("x-request-id")).toBe(signed.split(".")[0]);
  }
  await expect.poll(billed, { timeout: 10_000 }).toBe(before + 2);
  // And it stays so.
  await new Promise((done) => setTimeout(done, 2500));
  expect(await billed()).toBe(before + 2);
});
