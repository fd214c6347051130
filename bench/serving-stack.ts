import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { buildFolder, ensurePages, ensurePrograms, nextEnv } from "../scripts/start/build.mjs";
import { programOf } from "../scripts/start/dependencies.mjs";
import { freePort } from "../scripts/start/home.mjs";
import { programArgs } from "../scripts/start/programs.mjs";
import { bucketSettings, createBucket } from "../scripts/test/s3.mjs";
import { openDatabase } from "./database";
import { baseDir } from "./peer";

/**
 * What benches of serving share: a database, an organisation, models in the storage's own place, and a real serve process.
 * Everything is imported after the environment is set.
 */
export async function openServingStack(name: string, environment: Record<string, string> = {}) {
  const database = await openDatabase(name);
  const port = await freePort();
  Object.assign(process.env, {
    SERVE_PORT: String(port),
    HOST: "127.0.0.1",
    PORT: String(await freePort()),
    ...environment,
  });
  mkdirSync(join(database.home, "bases"), { recursive: true });
  symlinkSync(resolve(baseDir), join(database.home, "bases", "minilm-l6"));
  const [fixtures, { createTenant }, { forTenant }, { sql }, models, bases] = await Promise.all([
    import("../workers/serve-fixtures"),
    import("../lib/tenants"),
    import("../db/tenant"),
    import("drizzle-orm"),
    import("../db/schema/work"),
    import("../lib/bases"),
  ]);
  const base = await bases.ensureBase("minilm-l6");
  const children: ChildProcess[] = [];
  const root = resolve(import.meta.dirname, "..");
  const folder = buildFolder(root);
  const start = (name: string, args: string[], more: Record<string, string>) => {
    const child = spawn(process.execPath, args, {
      env: { ...process.env, NODE_ENV: "production", GRAFT_PROCESS: name, ...more },
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    children.push(child);
    return child.pid ?? 0;
  };
  const newTenant = async (suffix: string) => {
    const made = await createTenant({ name: `Bench ${suffix}`, email: `${suffix}@bench.test` });
    // A bench asks as often as it can; what holds it back is measured apart.
    const free = { requestsPerMinute: 100_000_000, tokensPerMinute: 2_000_000_000 };
    await forTenant(made.tenantId, (tx) =>
      tx.query(sql`update tenants set settings = ${JSON.stringify(free)}::jsonb where id = ${made.tenantId}`),
    );
    return made;
  };
  return {
    ...{ database, base, port, newTenant, deploy: fixtures.deployTinyModel },
    url: `http://127.0.0.1:${port}`,
    webUrl: `http://127.0.0.1:${process.env.PORT}`,
    /** As many tuned models as wanted of one artifact, each with a name, a folder and an adapter of its own. */
    async copies(of: { tenantId: string; name: string; id: string }, count: number): Promise<string[]> {
      const root = join(database.home, "storage", of.tenantId, "models");
      const names = Array.from({ length: count }, (_, n) => `${of.name}${String(n).padStart(6, "0")}`);
      for (const [n] of names.entries()) copyTuned(join(root, of.id), join(root, `mdl_copy${n}`), n);
      await forTenant(of.tenantId, async (tx) => {
        const [model] = await tx.select(models.models, sql`id = ${of.id}`);
        if (!model) throw new Error("the model is gone");
        const { tenantId: _, ...values } = model;
        for (let at = 0; at < count; at += 500)
          await tx.insert(
            models.models,
            names.slice(at, at + 500).map((name, n) => ({ ...values, id: `mdl_copy${at + n}`, name })),
          );
      });
      return names;
    },
    /** Puts models into a new bucket; their files on the disk go. @returns serve's environment for it. */
    async moveIntoBucket(endpoint: string, tenantId: string, names: readonly string[]) {
      const { PutObjectCommand } = await import("@aws-sdk/client-s3");
      const settings = bucketSettings(endpoint, "models");
      const s3 = await createBucket(settings);
      const ids = await forTenant(tenantId, (tx) =>
        tx.query<{ id: string }>(sql`select id from models where name in ${names}`),
      );
      const root = join(database.home, "storage");
      for (const { id } of ids) {
        const folder = join(tenantId, "models", id);
        for (const name of readdirSync(join(root, folder))) {
          const [Key, Body] = [join(folder, name), readFileSync(join(root, folder, name))];
          await s3.send(new PutObjectCommand({ Bucket: settings.S3_BUCKET, Key, Body }));
        }
        rmSync(join(root, folder), { recursive: true });
      }
      return settings;
    },
    /** @returns its process id. */
    async startServe(more: Record<string, string> = {}): Promise<number> {
      await ensurePrograms(root, folder);
      const pid = start("serve", programArgs(root, "serve", folder), more);
      await fixtures.until(
        "serve to be ready",
        async () => (await fetch(`http://127.0.0.1:${port}/ready`)).ok,
      );
      return pid;
    },
    /** The pages and the public port, as `npm start` has them; building takes a minute where it was not done before. */
    async startWeb(): Promise<void> {
      await ensurePages(root, folder);
      const { PORT = "", HOST = "" } = process.env;
      start("web", [programOf(root, "next"), "start", "-p", PORT, "-H", HOST], nextEnv(root, folder));
      await fixtures.until(
        "the public port",
        async () => (await fetch(`http://127.0.0.1:${PORT}/api/ready`)).ok,
      );
    },
    async stopServe(): Promise<void> {
      for (const child of children.splice(0)) await fixtures.stopServe(child, "SIGTERM");
    },
    async close(): Promise<void> {
      for (const child of children.splice(0)) await fixtures.stopServe(child, "SIGTERM");
      await (await import("../db/index")).closePools();
      await database.close();
    },
  };
}

/** Adapters are told apart by what is in them, so one of each copy's numbers is another; the other files lie once on the disk. */
function copyTuned(from: string, to: string, n: number): void {
  mkdirSync(to, { recursive: true });
  const adapter = readFileSync(join(from, "adapter.f32"));
  adapter.writeFloatLE(adapter.readFloatLE(0) + (n + 1) * 1e-6, 0);
  writeFileSync(join(to, "adapter.f32"), adapter);
  const manifest = JSON.parse(readFileSync(join(from, "manifest.json"), "utf8"));
  manifest.files["adapter.f32"].sha256 = createHash("sha256").update(adapter).digest("hex");
  writeFileSync(join(to, "manifest.json"), JSON.stringify(manifest));
  for (const name of readdirSync(from))
    if (!["adapter.f32", "manifest.json"].includes(name)) linkSync(join(from, name), join(to, name));
}

/** Percentiles of a list of milliseconds. */
export const percentile = (list: readonly number[], share: number): number =>
  [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * share))] ?? 0;

/** The next rank of a Zipf distribution (s = 1), the same series each time. */
export function zipf(count: number, seed = 7): () => number {
  const weights = Array.from({ length: count }, (_, n) => 1 / (n + 1));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let [sum, state] = [0, seed];
  const until = weights.map((weight) => {
    sum += weight / total;
    return sum;
  });
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    const wanted = state / 2 ** 32;
    let [low, high] = [0, count - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((until[middle] ?? 1) < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
