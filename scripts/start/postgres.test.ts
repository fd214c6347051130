import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { freePort } from "./home.mjs";
import { preparePostgres, recoverData, startPostgres } from "./postgres.mjs";

const folder = mkdtempSync(join(tmpdir(), "graft-pg-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("PostgreSQL runs from a home below a folder that nobody else may enter", async () => {
  const closed = join(folder, "closed");
  mkdirSync(closed, { mode: 0o700 });
  const home = join(closed, "home");
  mkdirSync(home);
  const port = await freePort();
  const server = await startPostgres({ root: resolve("."), home, port, password: "x" });
  const client = new pg.Client({ connectionString: server.adminUrl });
  await client.connect();
  const { rows } = await client.query("select lower('ÄÖ') as word");
  await client.end();
  await server.stop();
  expect(rows[0].word).toBe("äö");
});

test("a postmaster.pid left by a power cut does not stop the next start", async () => {
  const home = join(folder, "stale");
  mkdirSync(home);
  const port = await freePort();
  const options = { root: resolve("."), home, port, password: "x" };
  const { data } = preparePostgres(options);
  // This test's own process stands for a stranger that was given the old server's number.
  writeFileSync(join(data, "postmaster.pid"), `${process.pid}\n${data}\n`);
  await recoverData(data);
  const server = await startPostgres(options);
  await server.stop();
});
