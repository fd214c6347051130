import { randomBytes } from "node:crypto";
import { mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import pg from "pg";
import { expect, inject } from "vitest";
import { freePort } from "../start/home.mjs";
import { serverUrl } from "../start/postgres.mjs";

/** Runs before each test file: a database, a home and an environment that no other file has. */
const { port, adminUrl, password, home, redisUrl, s3Url } = inject("server");
const name = `test_${randomBytes(6).toString("hex")}`;
// The engine knows no database.
const isEngine = expect.getState().testPath?.startsWith(resolve("lib/ml")) ?? false;
if (!isEngine) {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  await client.query(`create database ${name} template graft_template owner graft_owner`);
  await client.end();
}
const ownHome = join(home, name);
mkdirSync(ownHome);

const own = {
  DATABASE_URL: serverUrl("graft_app", password, port, name),
  DATABASE_DIRECT_URL: serverUrl("graft_owner", password, port, name),
  NEXTAUTH_SECRET: "a-secret-for-tests-alone-0123456789",
  GRAFT_HOME: ownHome,
  HOST: "127.0.0.1",
  PORT: String(await freePort()),
  SERVE_PORT: String(await freePort()),
  LOG_LEVEL: "fatal",
  // Another suite has the other core.
  GRAFT_THREADS: "1",
  // Never the caller's broker, mail server or bucket.
  REDIS_URL: "",
  SMTP_URL: "",
  S3_BUCKET: "",
  GRAFT_BASE_DIR: "",
  REDIS_TEST_URL: redisUrl ?? "",
  S3_TEST_URL: s3Url ?? "",
};
Object.assign(process.env, own);
