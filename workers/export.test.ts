import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { listAudit } from "@/lib/audit";
import { cachedBase } from "@/lib/bases.fixture";
import { env } from "@/lib/env";
import { createTenant } from "@/lib/tenants";
import { openTaking, TEXTS } from "./export-fixtures";
import { deployTinyModel, until } from "./serve-fixtures";

/** A model of one label a text is taken away, and answers where it was taken to. */
let taking: Awaited<ReturnType<typeof openTaking>>;
beforeAll(async () => {
  taking = await openTaking(process.env);
});
afterAll(() => taking?.close());

async function expectEqualAnswers(url: string, model: string): Promise<void> {
  const body = { model, input: [...TEXTS, { text: "reset password", id: 7 }], top_k: 3, abstain: true };
  const [here, there] = [await taking.ask(taking.address, body), await taking.ask(url, body)];
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
  const model = await deployTinyModel(taking.acme, "words");
  const response = await taking.take(model.name);
  expect(response.headers.get("content-disposition")).toContain(`${model.id}.zip`);
  const { dir, zip } = await taking.unpack(response, "words");
  const { files } = JSON.parse(readFileSync(join(dir, "MANIFEST.json"), "utf8"));
  const hash = (name: string) =>
    createHash("sha256")
      .update(readFileSync(join(dir, name)))
      .digest("hex");
  const names = readdirSync(dir, { recursive: true, encoding: "utf8" });
  expect(names.filter((name) => name !== "MANIFEST.json").sort()).toEqual(Object.keys(files).sort());
  for (const [name, { sha256 }] of Object.entries<{ sha256: string }>(files)) expect(hash(name)).toBe(sha256);
  expect(readFileSync(join(dir, "MODEL_CARD.md"), "utf8")).toContain(model.name);
  await expectEqualAnswers(await taking.startTaken(dir), model.name);
  const again = Buffer.from(await (await taking.take(model.name)).arrayBuffer());
  expect(again.equals(zip)).toBe(true);
  const audit = await listAudit(taking.acme.tenantId);
  expect(
    audit.filter(({ action, target }) => action === "model.exported" && target === model.name),
  ).toHaveLength(2);
}, 120_000);

const base = await cachedBase();

test.skipIf(!base)(
  "a model over the base is taken away whole, and its server refuses as the platform does",
  async () => {
    const model = await deployTinyModel(taking.acme, "based", { base });
    const { dir } = await taking.unpack(await taking.take(model.name), "based");
    const url = await taking.startTaken(dir);
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
      const [here, there] = [await taking.ask(taking.address, body), await taking.ask(url, body)];
      expect([there.status, there.body.error.code]).toEqual([here.status, code]);
      expect(here.body.error).toMatchObject({ code, param: there.body.error.param });
    }
    const nearest = await taking.ask(url, { model: model.name, input: "x", nearest: 3 });
    expect(nearest.body.error).toMatchObject({ code: "unsupported_parameter", param: "nearest" });
  },
  120_000,
);

test("another tenant's model and one that never was are refused alike, and nothing is left behind", async () => {
  const other = await createTenant({ name: "Other", email: "o@other.test" });
  const model = await deployTinyModel(taking.acme, "kept");
  const absent = model.name.replace(/[^:]+$/, "01j0000000000000000000000x");
  const [foreign, unknown] = [
    await taking.take(model.name, { tenant: other }),
    await taking.take(absent, { tenant: other }),
  ];
  expect([foreign.status, unknown.status]).toEqual([404, 404]);
  expect(await foreign.json()).toEqual(await unknown.json());
  expect((await taking.take(model.name, { method: "POST" })).status).toBe(405);
  await until("the work folders to be gone", async () => readdirSync(join(env().home, "tmp")).length === 0);
});
