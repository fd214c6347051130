import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { unzipSync } from "fflate";
import { expect } from "vitest";
import { closePools } from "@/db/index";
import { env } from "@/lib/env";
import { closeQueues } from "@/lib/queue";
import { createTenant } from "@/lib/tenants";
import { freePort, startServe, stopServe, until } from "./serve-fixtures";

type Tenant = { tenantId: string; slug: string; apiKey: string };

/** What is asked of a model here and where it was taken to. */
export const TEXTS = [
  "I want my money back for order 12",
  "请问我的包裹到哪里了？",
  "🙂👩‍👩‍👧‍👦🇨🇳",
  "the parcel is late ".repeat(1053).slice(0, 20_000),
  "x".repeat(25_000),
  "",
];

/** A platform whose models are taken away through the public route, unpacked, and asked beside it. */
export async function openTaking(environment: NodeJS.ProcessEnv) {
  const root = mkdtempSync(join(tmpdir(), "graft-taken-"));
  const mark = Date.now().toString(36);
  const acme: Tenant = await createTenant({ name: `Takes ${mark}`, email: `t-${mark}@acme.test` });
  const serve = await startServe(env().SERVE_PORT, environment);
  const address = `http://127.0.0.1:${env().SERVE_PORT}`;
  const started: ChildProcess[] = [];
  const authorization = `Bearer ${acme.apiKey}`;
  return {
    acme,
    address,
    take: (model: string, { tenant = acme, method = "GET" } = {}) =>
      fetch(`${address}/v1/models/${encodeURIComponent(model)}/export`, {
        method,
        headers: { authorization: `Bearer ${tenant.apiKey}` },
      }),
    async ask(url: string, body: unknown) {
      const headers = { "content-type": "application/json", authorization };
      const response = await fetch(`${url}/v1/predictions`, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
      });
      return { status: response.status, body: await response.json() };
    },
    async unpack(response: Response, name: string): Promise<{ dir: string; zip: Buffer }> {
      expect(response.status).toBe(200);
      const zip = Buffer.from(await response.arrayBuffer());
      const dir = join(root, name);
      for (const [path, bytes] of Object.entries(unzipSync(zip))) {
        mkdirSync(dirname(join(dir, path)), { recursive: true });
        writeFileSync(join(dir, path), bytes);
      }
      return { dir, zip };
    },
    /** Starts what was unpacked with the packages of this project, as `npm install` would bring them. */
    async startTaken(dir: string): Promise<string> {
      symlinkSync(resolve("node_modules"), join(dir, "node_modules"));
      const port = await freePort();
      const child = spawn(process.execPath, ["server.mjs", "--port", String(port)], {
        cwd: dir,
        stdio: "inherit",
      });
      started.push(child);
      const url = `http://127.0.0.1:${port}`;
      await until("the taken model to answer", async () => (await fetch(`${url}/healthz`)).ok);
      return url;
    },
    async close() {
      for (const child of started) await stopServe(child, "SIGTERM");
      await stopServe(serve, "SIGTERM");
      await Promise.all([closePools(), closeQueues()]);
      rmSync(root, { recursive: true, force: true });
    },
  };
}
