import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { unzipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { listAudit } from "@/lib/audit";
import { cachedBase } from "@/lib/bases.fixture";
import { env } from "@/lib/env";
import type { Task } from "@/lib/ml/task";
import { textAnswers } from "@/lib/ml/tasks/text-answers";
import { textEntities } from "@/lib/ml/tasks/text-entities";
import { textMultiLabel } from "@/lib/ml/tasks/text-multi-label";
import { textSimilarity } from "@/lib/ml/tasks/text-similarity";
import { closeQueues } from "@/lib/queue";
import { createTenant } from "@/lib/tenants";
import {
  deployTinyModel,
  freePort,
  pairRows,
  questionRows,
  severalRows,
  spanRows,
  startServe,
  stopServe,
  until,
} from "./serve-fixtures";

/** A model is taken away through the public route, unpacked, and asked beside the platform. */
type Tenant = { tenantId: string; slug: string; apiKey: string };
const root = mkdtempSync(join(tmpdir(), "graft-taken-"));
let acme: Tenant;
let other: Tenant;
let serve: ChildProcess;
const started: ChildProcess[] = [];
const address = () => `http://127.0.0.1:${env().SERVE_PORT}`;

beforeAll(async () => {
  const mark = Date.now().toString(36);
  acme = await createTenant({ name: `Takes ${mark}`, email: `t-${mark}@acme.test` });
  other = await createTenant({ name: `Other ${mark}`, email: `o-${mark}@other.test` });
  serve = await startServe(env().SERVE_PORT, process.env);
});
afterAll(async () => {
  for (const child of started) await stopServe(child, "SIGTERM");
  await stopServe(serve, "SIGTERM");
  await Promise.all([closePools(), closeQueues()]);
  rmSync(root, { recursive: true, force: true });
});

const take = (tenant: Tenant, model: string, method = "GET") =>
  fetch(`${address()}/v1/models/${encodeURIComponent(model)}/export`, {
    method,
    headers: { authorization: `Bearer ${tenant.apiKey}` },
  });
const ask = async (url: string, body: unknown) => {
  const headers = { "content-type": "application/json", authorization: `Bearer ${acme.apiKey}` };
  const response = await fetch(`${url}/v1/predictions`, {
    method: "POST",
    headers,
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
};

async function unpack(response: Response, name: string): Promise<{ dir: string; zip: Buffer }> {
  expect(response.status).toBe(200);
  const zip = Buffer.from(await response.arrayBuffer());
  const dir = join(root, name);
  for (const [path, bytes] of Object.entries(unzipSync(zip))) {
    mkdirSync(dirname(join(dir, path)), { recursive: true });
    writeFileSync(join(dir, path), bytes);
  }
  return { dir, zip };
}

/** Starts what was unpacked with the packages of this project, as `npm install` would bring them. */
async function startTaken(dir: string): Promise<string> {
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
}

const TEXTS = [
  "I want my money back for order 12",
  "请问我的包裹到哪里了？",
  "🙂👩‍👩‍👧‍👦🇨🇳",
  "the parcel is late ".repeat(1053).slice(0, 20_000),
  "x".repeat(25_000),
  "",
];

async function expectEqualAnswers(url: string, model: string): Promise<void> {
  const body = { model, input: [...TEXTS, { text: "reset password", id: 7 }], top_k: 3, abstain: true };
  const [here, there] = [await ask(address(), body), await ask(url, body)];
  expect([here.status, there.status]).toEqual([200, 200]);
  expect({ ...there.body, id: "", created: 0, data: [] }).toEqual({
    ...here.body,
    id: "",
    created: 0,
    data: [],
  });
  for (const [n, item] of here.body.data.entries()) {
    const twin = there.body.data[n];
    expect({ ...twin, confidence: 0, labels: [] }).toEqual({ ...item, confidence: 0, labels: [] });
    for (const { label, probability } of item.labels) {
      const found = twin.labels.find((one: { label: string }) => one.label === label);
      expect(Math.abs(found.probability - probability)).toBeLessThanOrEqual(1e-4);
    }
  }
}

test("a model of words alone is taken away and answers without the platform what the platform answers", async () => {
  const model = await deployTinyModel(acme, "words");
  const response = await take(acme, model.name);
  expect(response.headers.get("content-disposition")).toContain(`${model.id}.zip`);
  const { dir, zip } = await unpack(response, "words");
  const { files } = JSON.parse(readFileSync(join(dir, "MANIFEST.json"), "utf8"));
  const hash = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(dir, name)))
      .digest("hex");
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
  expect(names.filter((name) => name !== "MANIFEST.json").sort()).toEqual(Object.keys(files).sort());
  for (const [name, { sha256 }] of Object.entries<{ sha256: string }>(files)) expect(hash(name)).toBe(sha256);
  expect(readFileSync(join(dir, "MODEL_CARD.md"), "utf8")).toContain(model.name);
  await expectEqualAnswers(await startTaken(dir), model.name);
  const again = Buffer.from(await (await take(acme, model.name)).arrayBuffer());
  expect(again.equals(zip)).toBe(true);
  const audit = await listAudit(acme.tenantId);
  expect(
    audit.filter(({ action, target }) => action === "model.exported" && target === model.name),
  ).toHaveLength(2);
}, 120_000);

const base = await cachedBase();

test.skipIf(!base)(
  "a model over the base is taken away whole, and its server refuses as the platform does",
  async () => {
    const model = await deployTinyModel(acme, "based", { base });
    const { dir } = await unpack(await take(acme, model.name), "based");
    const url = await startTaken(dir);
    await expectEqualAnswers(url, model.name);
    expect(JSON.parse(readFileSync(join(dir, "parity.json"), "utf8")).max_difference).toBeLessThanOrEqual(
      1e-4,
    );
    expect(readdirSync(join(dir, "licences"))).toEqual(["Apache-2.0.txt"]);
    for (const [code, body] of [
      ["model_not_found", { model: "ft:other", input: "hello" }],
      ["input_shape", { model: model.name, input: [] }],
      ["input_shape", { model: model.name, input: [1] }],
      ["input_shape", { model: model.name, input: Array(2049).fill("x") }],
      ["invalid_request", { model: model.name, input: "x", top_k: 0.5 }],
      ["invalid_request", { model: model.name, input: "x", top_k: 0 }],
      ["invalid_request", { model: model.name, input: "x", threshold: 2 }],
      ["invalid_request", { model: model.name, input: "x", abstain: "yes" }],
      ["invalid_request", { input: "x" }],
    ] as const) {
      const [here, there] = [await ask(address(), body), await ask(url, body)];
      expect([there.status, there.body.error.code]).toEqual([here.status, code]);
      expect(here.body.error).toMatchObject({ code, param: there.body.error.param });
    }
    const nearest = await ask(url, { model: model.name, input: "x", nearest: 3 });
    expect(nearest.body.error).toMatchObject({ code: "unsupported_parameter", param: "nearest" });
  },
  120_000,
);

/** Numbers nearly, everything else as it is. */
const near = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (_, one) => (typeof one === "number" ? expect.closeTo(one, 3) : one));

test("models of several labels and of pairs answer and refuse without the platform as on it", async () => {
  const several = await deployTinyModel(acme, "topics", { task: textMultiLabel as Task, rows: severalRows });
  const pairs = await deployTinyModel(acme, "pairs", { task: textSimilarity as Task, rows: pairRows, base });
  const same = { text: "my lamp is broken", text_b: "the lamp is broken" };
  const cases = [
    { model: several.name, input: [...TEXTS, { text: "charged twice", id: 7 }], top_k: 2, refused: [1] },
    {
      model: pairs.name,
      input: [...TEXTS.map((text) => ({ text, text_b: "where is the phone" })), { ...same, id: 7 }],
      top_k: 2,
      refused: [same, "one text"],
    },
  ];
  for (const [n, { refused, ...body }] of cases.entries()) {
    const { dir } = await unpack(await take(acme, body.model), `linear-${n}`);
    const url = await startTaken(dir);
    const [here, there] = [await ask(address(), body), await ask(url, body)];
    expect([here.status, there.status]).toEqual([200, 200]);
    expect({ ...there.body, id: "", created: 0 }).toEqual(near({ ...here.body, id: "", created: 0 }));
    for (const [code, wrong] of [
      ["input_shape", { ...body, input: refused }],
      ["unsupported_parameter", { ...body, abstain: true }],
      ["unsupported_parameter", { ...body, threshold: 0.5 }],
    ] as const) {
      const [ours, theirs] = [await ask(address(), wrong), await ask(url, wrong)];
      expect([theirs.status, theirs.body.error.code]).toEqual([ours.status, code]);
      const { message, param } = theirs.body.error;
      expect(ours.body.error).toMatchObject({ code, message, param });
    }
    const nearest = await ask(url, { ...body, nearest: 3 });
    expect(nearest.body.error).toMatchObject({ code: "unsupported_parameter", param: "nearest" });
    const sample = JSON.parse(readFileSync(join(dir, "README.md"), "utf8").match(/-d '(.*)'/)?.[1] ?? "");
    expect((await ask(url, sample)).status).toBe(200);
  }
}, 240_000);

test("models that answer with pieces of texts answer without the platform as on it, and no row leaves", async () => {
  const spans = { task: textEntities as Task, rows: spanRows };
  const words = await deployTinyModel(acme, "spans", spans);
  const based = base && (await deployTinyModel(acme, "read", { ...spans, base, recipe: "wide" }));
  const asked = await deployTinyModel(acme, "asked", { task: textAnswers as Task, rows: questionRows, base });
  // In several windows, with what is asked for in the last one.
  const long = `${"so it goes on and on. ".repeat(200)}😀 请问 the van of Ana left Oslo today`;
  const texts = [...TEXTS.slice(0, 3), "x".repeat(25_000), "", long, "the van of Gus Lee left Kyoto today"];
  const cases = [
    ...[words, ...(based ? [based] : [])].map((model) => ({ model: model.name, input: texts, refused: [1] })),
    {
      model: asked.name,
      input: texts.map((context) => ({ question: "Which town did the van leave?", context })),
      refused: ["one text"],
    },
  ];
  for (const [n, { refused, ...body }] of cases.entries()) {
    const { dir } = await unpack(await take(acme, body.model), `words-${n}`);
    const files = readdirSync(dir, { recursive: true, encoding: "utf8", withFileTypes: true });
    for (const { name, parentPath } of files.filter(
      (file) => file.isFile() && file.name !== "tokenizer.json",
    ))
      expect(readFileSync(join(parentPath, name)).includes("Carla"), name).toBe(false);
    const url = await startTaken(dir);
    const [here, there] = [await ask(address(), body), await ask(url, body)];
    expect([here.status, there.status]).toEqual([200, 200]);
    expect({ ...there.body, id: "", created: 0 }).toEqual(near({ ...here.body, id: "", created: 0 }));
    const found = JSON.stringify(there.body.data.at(-2));
    expect(found).toContain('"text":"Oslo"');
    // The answer itself is where it says, counted in code points.
    const [{ start, end }] = [there.body.data.at(-2).spans?.at(-1) ?? there.body.data.at(-2)];
    expect([...long].slice(start, end).join("")).toBe("Oslo");
    for (const wrong of [
      { ...body, input: refused },
      { ...body, abstain: true },
    ]) {
      const [ours, theirs] = [await ask(address(), wrong), await ask(url, wrong)];
      expect(theirs.status).toBe(ours.status);
      const { message, param, code } = theirs.body.error;
      expect(ours.body.error).toMatchObject({ code, message, param });
    }
    const sample = JSON.parse(readFileSync(join(dir, "README.md"), "utf8").match(/-d '(.*)'/)?.[1] ?? "");
    expect((await ask(url, sample)).status).toBe(200);
  }
}, 240_000);

test("another tenant's model and one that never was are refused alike, and nothing is left behind", async () => {
  const model = await deployTinyModel(acme, "kept");
  const absent = model.name.replace(/[^:]+$/, "01j0000000000000000000000x");
  const [foreign, unknown] = [await take(other, model.name), await take(other, absent)];
  expect([foreign.status, unknown.status]).toEqual([404, 404]);
  expect(await foreign.json()).toEqual(await unknown.json());
  expect((await take(acme, model.name, "POST")).status).toBe(405);
  await until("the work folders to be gone", async () => readdirSync(join(env().home, "tmp")).length === 0);
});
