import { existsSync, readdirSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { build, type Metafile, transform } from "esbuild";
import { beforeAll, expect, test } from "vitest";

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const FOLDERS = ["app", "components", "workers", "lib", "db"];

const sources = FOLDERS.filter((folder) => existsSync(`${ROOT}/${folder}`)).flatMap((folder) =>
  readdirSync(`${ROOT}/${folder}`, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.tsx?$/.test(file) && !/\.(test|d)\.tsx?$/.test(file))
    .map((file) => `${folder}/${file}`),
);

let inputs: Metafile["inputs"];
beforeAll(async () => {
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: sources,
    bundle: true,
    write: false,
    metafile: true,
    outdir: "/nowhere",
    platform: "node",
    format: "esm",
    packages: "external",
    alias: { "@": ROOT.replace(/\/$/, "") },
    loader: { ".css": "empty", ".json": "json", ".sql": "empty", ".svg": "empty", ".png": "empty" },
    logLevel: "silent",
  });
  inputs = metafile.inputs;
});

/** Our files that a file imports statically; `import()` is how a boundary may be crossed at run time. */
const importsOf = (file: string) =>
  (inputs[file]?.imports ?? [])
    .filter((one) => one.kind === "import-statement" && !one.external)
    .map((one) => one.path);

/** Everything that a file pulls in, with the way to it. */
function reach(start: string): Map<string, string[]> {
  const found = new Map<string, string[]>([[start, [start]]]);
  const waiting = [start];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    for (const next of importsOf(file)) {
      if (found.has(next)) continue;
      found.set(next, [...(found.get(file) ?? []), next]);
      waiting.push(next);
    }
  }
  return found;
}
const folderOf = (file: string) => file.split("/")[0] ?? "";
const inFolder = (...folders: string[]) => sources.filter((file) => folders.includes(folderOf(file)));

/** `from -> ... -> to` for everything that `starts` may not reach. */
function forbidden(starts: string[], isForbidden: (file: string) => boolean): string[] {
  const ways = starts.flatMap((start) =>
    [...reach(start)].filter(([file]) => isForbidden(file)).map(([, way]) => way.join(" -> ")),
  );
  return [...new Set(ways)];
}

test("imports go one way: app and workers, then lib, then db", () => {
  expect(forbidden(inFolder("app", "components"), (file) => folderOf(file) === "workers")).toEqual([]);
  expect(forbidden(inFolder("workers"), (file) => ["app", "components"].includes(folderOf(file)))).toEqual(
    [],
  );
  expect(
    forbidden(inFolder("lib"), (file) => ["app", "components", "workers"].includes(folderOf(file))),
  ).toEqual([]);
});

test("db reaches of lib only the environment, types and its own records", () => {
  const allowed = /^lib\/(env|log|permissions|ml\/(contract|evaluation))\.ts$/;
  expect(forbidden(inFolder("db"), (file) => folderOf(file) === "lib" && !allowed.test(file))).toEqual([]);
});

test("pages and routes carry nothing of the engine but its interface", () => {
  // What reads on from stored sums is arithmetic alone.
  const allowed =
    /^lib\/ml\/(task|catalogue|contract|evaluation|appraisal)\.ts$|^lib\/ml\/report\/(score-band|curve|wilson)\.ts$|^lib\/ml\/tasks\/(?!.*\.engine\.)[^/]+\.ts$/;
  expect(
    forbidden(inFolder("app", "components"), (file) => file.startsWith("lib/ml/") && !allowed.test(file)),
  ).toEqual([]);
});

test("the engine imports nothing of ours outside itself, and no database, queue or web server", () => {
  const engine = sources.filter((file) => file.startsWith("lib/ml/"));
  const outside = engine.flatMap((file) =>
    (inputs[file]?.imports ?? []).flatMap((one) => {
      const isOurs = !one.external && !one.path.startsWith("lib/ml/");
      const isService =
        one.external && /^(pg|drizzle-orm|bullmq|ioredis|next|hono|@hono)(\/|$)/.test(one.path);
      return isOurs || isService ? [`${file} -> ${one.path}`] : [];
    }),
  );
  expect(outside).toEqual([]);
});

test("components that run in the browser carry neither the database nor the engine nor the environment", () => {
  const client = inFolder("app", "components").filter((file) =>
    /^\s*["']use client["']/.test(readFileSync(`${ROOT}/${file}`, "utf8")),
  );
  const isServers = (file: string) =>
    folderOf(file) === "db" || file === "lib/env.ts" || /^lib\/ml\/(catalogue|tasks|recipes|base)/.test(file);
  expect(forbidden(client, isServers)).toEqual([]);
});

/** Lines of code (not comments) that hold a word, as `file:line`. */
function uses(pattern: RegExp, files = sources): string[] {
  return files.flatMap((file) =>
    readFileSync(`${ROOT}/${file}`, "utf8")
      .split("\n")
      .flatMap((line, i) =>
        pattern.test(line) && !/^\s*(\*|\/\/|\/\*)/.test(line) ? [`${file}:${i + 1}`] : [],
      ),
  );
}
const filesOf = (found: string[]) => [...new Set(found.map((one) => one.replace(/:\d+$/, "")))];

test("the environment is read in one file", async () => {
  // The migration command and the logger read theirs before anything else is loaded; the backend only writes,
  // for TensorFlow's runtime; a test's project says which backend it runs on.
  const allowed = [
    "lib/env.ts",
    "lib/log.ts",
    "db/migrate.ts",
    "lib/ml/backend.ts",
    "lib/ml/golden.fixture.ts",
  ];
  const readers = await Promise.all(
    uses(/process\.env\b/).map(async (found) => {
      const [file = ""] = filesOf([found]);
      // The compiler replaces the expression and leaves texts alone: a snippet for customers may name it.
      const { code } = await transform(readFileSync(`${ROOT}/${file}`, "utf8"), {
        loader: file.endsWith("x") ? "tsx" : "ts",
        define: { "process.env": "GRAFT_READS_ENVIRONMENT" },
      });
      return code.includes("GRAFT_READS_ENVIRONMENT") ? [file] : [];
    }),
  );
  expect([...new Set(readers.flat())].filter((file) => !allowed.includes(file))).toEqual([]);
});

test("a queue and its worker are opened in one place", () => {
  for (const pattern of [
    /new \(?classes\(\)\.Queue\b|new Queue\b/,
    /new \(?classes\(\)\.Worker\b|new Worker<|new Worker\(["'a-z]+,/,
  ]) {
    const found = uses(pattern).filter((one) => !one.startsWith("lib/ml/"));
    expect(found).toHaveLength(1);
    expect(filesOf(found)).toEqual(["lib/queue.ts"]);
  }
  const outside = sources.filter(
    (file) =>
      file !== "lib/queue.ts" &&
      file !== "db/migrate.ts" &&
      /from "bullmq"/.test(readFileSync(`${ROOT}/${file}`, "utf8")),
  );
  expect(outside).toEqual([]);
});

test("database pools are opened in db, and by the queue for itself", () => {
  expect(filesOf(uses(/new (pg\.)?Pool\b/)).sort()).toEqual(["db/index.ts", "lib/queue.ts"]);
  expect(
    filesOf(uses(/\b(appPool|directPool|database)\(/)).filter((file) => folderOf(file) !== "db"),
  ).toEqual([]);
});
