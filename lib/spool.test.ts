import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { openSpool } from "./spool";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "graft-spool-"));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

/** A process that says what it has appended, and delivers nothing. */
function startWriter(): ChildProcess {
  const script = join(dir, "writer.mts");
  const spool = resolve("lib/spool.ts");
  writeFileSync(
    script,
    `import { openSpool } from ${JSON.stringify(spool)};
     const spool = await openSpool(${JSON.stringify(join(dir, "spool"))}, () => Promise.reject(new Error("away")), 20);
     for (let n = 0; ; n++) { spool.append({ n }); process.send(n); await new Promise((done) => setTimeout(done, 1)); }`,
  );
  return fork(script, { execArgv: ["--import", "tsx"], env: { ...process.env, LOG_LEVEL: "fatal" } });
}

test("kill -9 loses no event whose append returned, and its successor delivers them", async () => {
  const writer = startWriter();
  const last = await new Promise<number>((done) => {
    writer.on("message", (n) => {
      if (Number(n) < 150) return;
      writer.kill("SIGKILL");
      writer.once("exit", () => done(Number(n)));
    });
  });
  const delivered = new Set<number>();
  const spool = await openSpool<{ n: number }>(join(dir, "spool"), async (events) => {
    for (const event of events) delivered.add(event.n);
  });
  expect(await spool.flush()).toBe(true);
  for (let n = 0; n <= last; n++) expect(delivered.has(n)).toBe(true);
  expect(readdirSync(join(dir, "spool"))).toEqual([]);
  await spool.close();
});

test("events wait while the database is away and go out in order when it is back", async () => {
  let isAway = true;
  const delivered: number[] = [];
  const spool = await openSpool<{ n: number }>(dir, async (events) => {
    if (isAway) throw new Error("away");
    delivered.push(...events.map((event) => event.n));
  });
  spool.append({ n: 1 });
  expect(await spool.flush()).toBe(false);
  spool.append({ n: 2 });
  expect(spool.pending()).toBe(2);
  isAway = false;
  expect(await spool.flush()).toBe(true);
  expect(delivered).toEqual([1, 2]);
  expect(spool.pending()).toBe(0);
  await spool.close();
});

test("a line that was cut off is left out, the others are delivered", async () => {
  const name = `999999999-${(await import("node:os")).hostname().replaceAll(/[^A-Za-z0-9]/g, "")}-abc-0.ndjson`;
  writeFileSync(join(dir, name), '{"n":1}\n{"n":2}\n{"n"');
  const delivered: number[] = [];
  const spool = await openSpool<{ n: number }>(dir, async (events) => {
    delivered.push(...events.map((event) => event.n));
  });
  expect(spool.pending()).toBe(2);
  await spool.close();
  expect(delivered).toEqual([1, 2]);
});
