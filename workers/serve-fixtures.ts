import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { forTenant } from "@/db/tenant";
import { answerOf, OPERATIONS } from "@/lib/api/operations";
import { createId } from "@/lib/id";
import type { BaseFiles, Task, TrainOrder, TrainResult } from "@/lib/ml/task";
import { textClassification } from "@/lib/ml/tasks/text-classification";
import { storeArtifact } from "@/lib/model-files";
import { createModelId, insertProbingModel, markReady, modelName } from "@/lib/models";
import { sha256 } from "@/lib/session";

/** Real parts for the tests of serving: a model trained by the engine, a serve process, a door like Next's. */
const WORDS = {
  refund: ["money back", "refund my order", "return the payment", "reimburse me", "cancel and refund"],
  delivery: ["parcel late", "where is my package", "delivery address", "courier never came", "shipping time"],
  account: ["reset password", "cannot log in", "change my email", "close my account", "login blocked"],
};

const TOPICS: Record<string, string> = {
  billing: "i was charged twice on the invoice",
  delivery: "the parcel has not arrived",
  login: "the password is refused",
};
/** Every set of three topics, the empty one too. */
export const severalRows = Array.from({ length: 240 }, (_, n) => {
  const target = Object.keys(TOPICS).filter((_, i) => (n >> i) & 1);
  return { input: `${target.map((name) => TOPICS[name]).join(" and ") || "hello"} ${n}`, target };
});
const THINGS = ["kettle", "lamp", "chair", "printer", "phone", "jacket"];
/** Pairs of complaints, of one thing or of two. */
export const pairRows = Array.from({ length: 240 }, (_, n) => {
  const [one, other] = [THINGS[n % 6], THINGS[(n + (n % 4 === 0 ? 0 : n)) % 6]];
  const isSame = one === other;
  return {
    input: {
      text: `my ${one} is broken ${n}`,
      text_b: isSame ? `the ${one} is broken` : `where is the ${other}`,
    },
    target: isSame ? 5 : 1,
  };
});

const MOODS = [
  ["dreadful", 1],
  ["ordinary", 3],
  ["wonderful", 5],
] as const;
/** Stars for a stay, by one word of what is said of it. */
export const starRows = Array.from({ length: 240 }, (_, n) => {
  const [mood, target] = MOODS[n % 3] ?? MOODS[0];
  return { input: `the ${["room", "breakfast", "view", "bed"][n % 4]} was ${mood} ${n}`, target };
});

const PEOPLE = ["Ana", "Bob Hall", "Carla Diaz", "Deniz", "Emil Roth", "Fay", "Gus Lee", "Hana Ito"];
const TOWNS = ["Lyon", "Porto", "New Delhi", "Oslo", "San Marino", "Graz", "Lima", "Kyoto"];
const meetings = PEOPLE.flatMap((person) =>
  TOWNS.map((town) => ({ person, town, text: `😀 the van of ${person} left ${town} today` })),
);
/** Where a piece stands, in code points. */
const placeOf = (text: string, piece: string) => [...text.slice(0, text.indexOf(piece))].length;
/** People and towns to be found. */
export const spanRows = meetings.map(({ person, town, text }) => ({
  input: text,
  target: [
    [person, "person"],
    [town, "town"],
  ].map(([piece = "", label]) => {
    const start = placeOf(text, piece);
    return { start, end: start + [...piece].length, label };
  }),
}));
/** The same as questions. */
export const questionRows = meetings.map(({ person, town, text: context }, n) => {
  const [question, answer] = n % 2 ? ["Whose van left?", person] : ["Which town did the van leave?", town];
  return { input: { question, context }, target: { answer, start: placeOf(context, answer) } };
});
/** Whoever comes seldom leaves. */
export const tableRows = Array.from({ length: 200 }, (_, n) => ({
  input: { visits: n % 9 === 0 ? null : (n % 40) / 4, plan: n % 3 === 0 ? "plus" : "basic" },
  target: n % 40 < 14 ? "leaves" : "stays",
}));

interface Tiny {
  state?: "ready" | "probing";
  base?: BaseFiles | null;
  recipe?: string;
  task?: Task;
  rows?: readonly { input: unknown; target: unknown }[];
  hyperparameters?: TrainOrder["hyperparameters"];
  /** What is stored instead of what was trained. */
  rewrite?(trained: TrainResult): Promise<TrainResult>;
}

const labelledRows = () =>
  Object.entries(WORDS).flatMap(([target, texts]) =>
    Array.from({ length: 40 }, (_, n) => ({
      input: `${texts[n % texts.length]} please number ${n}`,
      target,
    })),
  );

/** Trains a small model from rows of our own, lexical unless a base is given (then the frozen head), and puts it where serve finds it. */
export async function deployTinyModel(
  of: { tenantId: string; slug: string },
  suffix: string,
  {
    state = "ready",
    base = null,
    recipe = base ? "head" : "lexical",
    task = textClassification as Task,
    rows = labelledRows(),
    hyperparameters,
    rewrite = async (trained) => trained,
  }: Tiny = {},
): Promise<{ id: string; name: string }> {
  const dir = mkdtempSync(join(tmpdir(), "graft-tiny-"));
  const text = rows.map((row, n) => JSON.stringify({ line: n + 2, ...row })).join("\n");
  const rowsPath = join(dir, "rows.ndjson");
  writeFileSync(rowsPath, `${text}\n`);
  mkdirSync(join(dir, "cache"));
  const engine = await task.engine();
  const trained = await engine.train(
    {
      rowsPath,
      rowsSha256: sha256(rows.map((row) => `${JSON.stringify([row.input, row.target])}\n`).join("")),
      validationRowsPath: null,
      splitPath: null,
      recipe,
      base,
      seed: 1,
      refit: true,
      budgetMinutes: 5,
      hyperparameters,
    },
    {
      dir,
      cacheDir: join(dir, "cache"),
      checkpointDir: dir,
      threads: 1,
      signal: new AbortController().signal,
      stage: () => {},
      progress: () => {},
      log: () => {},
      provisional: () => {},
    },
  );
  const { artifactDir, report } = await rewrite(trained);
  const id = createModelId();
  const name = modelName("minilm-l6", of.slug, suffix, id);
  const stored = await storeArtifact(of.tenantId, id, artifactDir);
  await forTenant(of.tenantId, async (tx) => {
    const jobId = createId("job");
    await insertProbingModel(tx, {
      id,
      name,
      jobId,
      base: "minilm-l6",
      task: report.task,
      recipe: report.recipe,
      ...stored,
      report,
    });
    if (state === "ready") await markReady(tx, id);
  });
  return { id, name };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((done) => server.once("listening", done));
  const { port } = server.address() as { port: number };
  await new Promise((done) => server.close(done));
  return port;
}

/** Asks until it is true; fails after a generous while instead of hanging. */
export async function until<T>(what: string, ask: () => Promise<T | null | undefined | false>): Promise<T> {
  for (const end = Date.now() + 60_000; Date.now() < end; ) {
    const answer = await ask().catch(() => null);
    if (answer) return answer;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`waited a minute for: ${what}`);
}

export async function startServe(port: number, environment: NodeJS.ProcessEnv): Promise<ChildProcess> {
  const child = spawn(process.execPath, ["--import", "tsx", "workers/serve.ts"], {
    env: { ...environment, GRAFT_PROCESS: "serve", SERVE_PORT: String(port) },
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await until("serve to be ready", async () => (await fetch(`http://127.0.0.1:${port}/ready`)).ok);
  return child;
}

export async function stopServe(child: ChildProcess, signal: "SIGTERM" | "SIGKILL"): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once("exit", done));
  child.kill(signal);
  await gone;
}

type RouteHandler = (
  request: Request,
  context: { params: Promise<Record<string, unknown>> },
) => Promise<Response>;

/** `app/v1/models/[model]/route.ts` as a pattern of Hono's and the segments that have names; the rest of a path is `*`. */
function patternOf(file: string) {
  const segments = file.split("/").slice(0, -1);
  const pattern = segments.map((segment) =>
    segment.includes("...") ? "*" : segment.replace(/^\[(.+)\]$/, ":$1"),
  );
  return { path: `/${pattern.join("/")}`, segments };
}

/** As Next hands them over: the raw segments; `route` decodes them. */
function paramsOf(segments: readonly string[], request: Request): Record<string, unknown> {
  const asked = new URL(request.url).pathname.split("/").slice(1);
  return Object.fromEntries(
    segments.flatMap((segment, at) => {
      const [, rest, name = ""] = /^\[+(\.\.\.)?(\w+)\]+$/.exec(segment) ?? [];
      return name === "" ? [] : [[name, rest ? asked.slice(at) : asked[at]]];
    }),
  );
}

/** What leaves is what the API's document says: every test that asks through the door checks that too. */
async function assertDocumented(name: string, response: Response): Promise<void> {
  const operation = OPERATIONS[name];
  const schema = operation && answerOf(operation);
  if (!schema || !response.ok || !response.headers.get("content-type")?.startsWith("application/json"))
    return;
  const { error } = schema.safeParse(await response.json());
  if (error) throw new Error(`${name} answers otherwise than its document says: ${error.message}`);
}

/** The same route modules that Next mounts, behind one port. Counts what it was asked. */
export async function openDoor(onPort?: number): Promise<{ url: string; asked: string[]; close(): void }> {
  const root = new URL("../app/", import.meta.url);
  const files = ["v1", "v2", "hf"].flatMap((area) =>
    readdirSync(new URL(area, root), { recursive: true, encoding: "utf8" })
      .filter((file) => file.endsWith("route.ts"))
      .map((file) => `${area}/${file}`),
  );
  const asked: string[] = [];
  const app = new Hono();
  app.use(async (context, next) => {
    asked.push(`${context.req.method} ${context.req.path}`);
    await next();
  });
  // What is spelt out comes before what is named.
  const routes = files.map((file) => ({ file, ...patternOf(file) }));
  routes.sort((a, b) => (a.path.replaceAll(/[:*]/g, "~") < b.path.replaceAll(/[:*]/g, "~") ? -1 : 1));
  for (const { file, path, segments } of routes)
    app.all(path, async ({ req }) => {
      const handlers = (await import(new URL(file, root).href)) as Record<string, RouteHandler>;
      const handle = handlers[req.method];
      if (!handle) return new Response(null, { status: 405 });
      const response = await handle(req.raw, { params: Promise.resolve(paramsOf(segments, req.raw)) });
      await assertDocumented(`${req.method} ${path.replaceAll(/:(\w+)/g, "{$1}")}`, response.clone());
      return response;
    });
  const port = onPort ?? (await freePort());
  const server = serve({ fetch: app.fetch, hostname: "127.0.0.1", port });
  return { url: `http://127.0.0.1:${port}`, asked, close: () => server.close() };
}
