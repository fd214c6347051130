import type { ChildProcess } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { env } from "@/lib/env";
import { deleteModel } from "@/lib/models";
import { closeQueues } from "@/lib/queue";
import type { Actor } from "@/lib/session";
import { createTenant } from "@/lib/tenants";
import { usageByDay } from "@/lib/usage";
import { deployTinyModel, startServe, stopServe, until } from "./serve-fixtures";

/** Clients that no service wants, on serve's own port; beside them somebody asks as everybody does. */
let serve: ChildProcess;
let tenant: Awaited<ReturnType<typeof createTenant>>;
let model: { id: string; name: string };
const port = () => env().SERVE_PORT;

beforeAll(async () => {
  tenant = await createTenant({ name: "Abuse", email: "abuse@serve.test" });
  model = await deployTinyModel(tenant, "tickets");
  serve = await startServe(port(), process.env);
});
afterAll(async () => {
  await stopServe(serve, "SIGTERM");
  await Promise.all([closePools(), closeQueues()]);
});

const post = (body: unknown, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${port()}/v1/predictions`, {
    method: "POST",
    headers: { authorization: `Bearer ${tenant.apiKey}`, "content-type": "application/json" },
    body: JSON.stringify(body),
    ...init,
  });
/** A client like any other; milliseconds until its answer. */
async function askNormally(): Promise<number> {
  const started = performance.now();
  const response = await post({ model: model.name, input: "parcel late" });
  expect(response.status).toBe(200);
  await response.json();
  return performance.now() - started;
}
async function open(): Promise<Socket> {
  const socket = connect(port(), "127.0.0.1");
  await new Promise((done, fail) => socket.once("connect", done).once("error", fail));
  return socket;
}
/** What the server said until it closed the connection. */
const heard = (socket: Socket) =>
  new Promise<string>((done) => {
    let text = "";
    socket.on("data", (chunk) => {
      text += chunk;
    });
    socket.on("error", () => {});
    socket.on("close", () => done(text));
  });
const headOf = (length: number) =>
  [
    "POST /v1/predictions HTTP/1.1",
    "host: serve",
    `authorization: Bearer ${tenant.apiKey}`,
    "content-type: application/json",
    `content-length: ${length}`,
    "\r\n",
  ].join("\r\n");

test("headers and bodies that come bit by bit are answered 408, a slow but steady body is read, and nobody waits", async () => {
  const drips: NodeJS.Timeout[] = [];
  const drip = (socket: Socket, text: string, everyMs: number) =>
    drips.push(setInterval(() => socket.writable && socket.write(text), everyMs));
  const slow = await Promise.all(
    Array.from({ length: 30 }, async (_, n) => {
      const socket = await open();
      const end = heard(socket);
      if (n % 3 === 0) {
        socket.write("POST /v1/predictions HTTP/1.1\r\n");
        drip(socket, "x-a: b\r\n", 2000);
      } else if (n % 3 === 1) {
        socket.write(headOf(200_000));
        drip(socket, " ", 500);
      } else socket.write(`${headOf(200)}{"model":`);
      return { end };
    }),
  );
  const steadyBody = JSON.stringify({ model: model.name, input: Array(2000).fill("parcel late".padEnd(60)) });
  const steady = await open();
  const read = heard(steady);
  steady.write(headOf(steadyBody.length).replace("\r\n\r\n\r\n", "\r\nconnection: close\r\n\r\n"));
  const parts = 28;
  const size = Math.ceil(steadyBody.length / parts);
  const sending = (async () => {
    for (let n = 0; n < parts; n++) {
      steady.write(steadyBody.slice(n * size, (n + 1) * size));
      await pause(500);
    }
  })();
  const times: number[] = [];
  while (times.length < 20) {
    times.push(await askNormally());
    await pause(200);
  }
  expect(Math.max(...times)).toBeLessThan(2000);
  const answers = await Promise.all(slow.map(({ end }) => end));
  for (const timer of drips) clearInterval(timer);
  for (const answer of answers) {
    expect(answer).toMatch(/^HTTP\/1\.1 408 /);
    expect(answer).toContain('"code":"request_timeout"');
  }
  await sending;
  expect(await read).toMatch(/^HTTP\/1\.1 200 /);
});

const files = Number(/open files\s+\d+\s+(\d+)/.exec(readFileSync("/proc/self/limits", "utf8"))?.[1] ?? 0);
const CONNECTIONS = 10_000;
if (files < CONNECTIONS + 1000)
  console.warn(`SKIPPED: 10,000 connections, of which this system allows ${files}`);
test.skipIf(files < CONNECTIONS + 1000)(
  "10,000 connections that say nothing keep nobody from being answered, and are closed",
  async () => {
    const idle: Socket[] = [];
    while (idle.length < CONNECTIONS) idle.push(...(await Promise.all(Array.from({ length: 250 }, open))));
    let isOpen = idle.length;
    for (const socket of idle)
      socket
        .on("error", () => {})
        .on("close", () => isOpen--)
        .resume();
    for (let n = 0; n < 10; n++) expect(await askNormally()).toBeLessThan(2000);
    await until("they are closed", async () => isOpen === 0);
    for (const socket of idle) socket.destroy();
  },
);

test("a model whose file was damaged on the disk says so, and others do not notice", async () => {
  const damaged = await deployTinyModel(tenant, "damaged");
  const folder = join(env().home, "storage", tenant.tenantId, "models", damaged.id);
  const name = readdirSync(folder).find((file) => file.startsWith("weights")) ?? "";
  const bytes = readFileSync(join(folder, name));
  bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 255;
  writeFileSync(join(folder, name), bytes);
  const [bad, good] = await Promise.all([
    post({ model: damaged.name, input: "parcel late" }),
    post({ model: model.name, input: "parcel late" }),
  ]);
  expect([bad.status, (await bad.json()).error.code, good.status]).toEqual([500, "model_damaged", 200]);
});

test("who hangs up in the middle is neither computed to the end nor billed", async () => {
  const billed = async () =>
    (await usageByDay(tenant.tenantId, 2)).reduce((sum, { billable }) => sum + billable, 0);
  await pause(1500);
  const before = await billed();
  const stop = new AbortController();
  const asked = post({ model: model.name, input: Array(2048).fill("parcel late") }, { signal: stop.signal });
  setTimeout(() => stop.abort(), 5);
  await expect(asked).rejects.toThrow();
  await askNormally();
  await until("the answered row is recorded", async () => (await billed()) > before);
  expect(await billed()).toBe(before + 1);
});

test("a text of 200,000 characters is read as far as it goes, and the answer says so; an empty one is answered", async () => {
  const response = await post({ model: model.name, input: ["parcel late ".repeat(17_000), ""] });
  expect(response.status).toBe(200);
  const { data } = (await response.json()) as { data: { truncated?: boolean }[] };
  expect(data.map(({ truncated = false }) => truncated)).toEqual([true, false]);
});

test("a model that is deleted in the middle of a call is answered whole or not found, and not found from then on", async () => {
  const gone = await deployTinyModel(tenant, "gone");
  const statuses = (answers: Response[]) => answers.map(({ status }) => status);
  const asked = Array.from({ length: 12 }, (_, n) =>
    post({ model: gone.name, input: Array(n % 2 ? 1 : 2048).fill("parcel late") }),
  );
  await deleteModel({ tenantId: tenant.tenantId, keyId: null, userId: "usr_x" } as Actor, gone.name);
  for (const response of await Promise.all(asked)) {
    const { data, error } = (await response.json()) as { data?: object[]; error?: { code: string } };
    if (response.status === 200) expect([1, 2048]).toContain(data?.length);
    else expect([response.status, error?.code]).toEqual([404, "model_not_found"]);
  }
  expect(
    statuses(await Promise.all([gone, model].map(({ name }) => post({ model: name, input: "parcel" })))),
  ).toEqual([404, 200]);
});

test("what is no row is refused by its place, too many and none by what may be sent", async () => {
  const refused = async (input: unknown) => {
    const response = await post({ model: model.name, input });
    const { error } = (await response.json()) as { error: { code: string; param: string; message: string } };
    expect([response.status, error.code, error.param]).toEqual([400, "input_shape", "input"]);
    return error.message;
  };
  const odd = [["parcel"], [["parcel"]], 7, null, true, { nested: { text: "parcel" } }, { a: "x", b: "y" }];
  for (const row of odd)
    expect(await refused(["parcel late", row]), JSON.stringify(row)).toContain("input[1]");
  expect(await refused(Array(2049).fill("parcel late"))).toContain("2,048");
  expect(await refused([])).toContain("2,048");
  const unreadable = await post(null, { body: "\u0000\ufffd{{{" });
  expect([unreadable.status, (await unreadable.json()).error.code]).toEqual([400, "json_invalid"]);
  expect(await askNormally()).toBeLessThan(2000);
});
