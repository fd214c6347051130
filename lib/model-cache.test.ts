import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { deployTinyModel } from "@/workers/serve-fixtures";
import { createModelCache } from "./model-cache";
import { deleteModel, getModel, type Model } from "./models";
import type { Actor } from "./session";
import { modelKey, removeBlobs } from "./storage";
import { createTenant } from "./tenants";

let tenantId = "";
const made: Model[] = [];
const noBase = () => Promise.reject(new Error("no base is needed here"));

beforeAll(async () => {
  const tenant = await createTenant({ name: "Cache", email: "cache@acme.test" });
  tenantId = tenant.tenantId;
  for (const suffix of ["a", "b", "c"])
    made.push(await getModel(tenantId, (await deployTinyModel(tenant, suffix)).id));
});
afterAll(closePools);
const nth = (n: number) => made[n] as Model;

test("a model that many ask for at once is opened once", async () => {
  const cache = createModelCache({ maxBytes: 1e9, tokenizers: noBase });
  const opened = await Promise.all([cache.get(nth(0)), cache.get(nth(0)), cache.get(nth(0))]);
  expect(new Set(opened).size).toBe(1);
  expect(await cache.get(nth(0))).toBe(opened[0]);
});

test("beyond its bytes the cache lets go of what was asked for least recently", async () => {
  const first = await createModelCache({ maxBytes: 1e9, tokenizers: noBase }).get(nth(0));
  const cache = createModelCache({ maxBytes: first.sizeBytes * 2.5, tokenizers: noBase });
  const a = await cache.get(nth(0));
  const b = await cache.get(nth(1));
  expect(await cache.get(nth(0))).toBe(a);
  await cache.get(nth(2));
  expect(cache.count()).toBe(2);
  expect(cache.sizeBytes()).toBeLessThanOrEqual(first.sizeBytes * 2.5);
  expect(await cache.get(nth(0))).toBe(a);
  expect(await cache.get(nth(1))).not.toBe(b);
});

test("a deleted model leaves the memory, the storage and the lists, and its texts leave the report", async () => {
  const cache = createModelCache({ maxBytes: 1e9, tokenizers: noBase });
  await Promise.all(made.map((model) => cache.get(model)));
  const actor = { tenantId, userId: "usr_x", keyId: null } as Actor;
  await deleteModel(actor, nth(2).name);
  await cache.sweep();
  expect(cache.count()).toBe(2);
  await expect(cache.get(nth(2))).rejects.toMatchObject({ code: "model_not_found" });
  await expect(deleteModel(actor, nth(2).name)).rejects.toMatchObject({ code: "model_not_found" });
  const gone = await getModel(tenantId, nth(2).id, ["deleted"]);
  expect(gone.report.evaluation).toMatchObject({ confusions: [] });
});

test("a file that is missing although the model stands is damage", async () => {
  const cache = createModelCache({ maxBytes: 1e9, tokenizers: noBase });
  const { id, files } = nth(1);
  const weights = Object.keys(files).find((name) => name.startsWith("weights")) ?? "";
  await removeBlobs(modelKey(tenantId, id, weights));
  await expect(cache.get(nth(1))).rejects.toMatchObject({ code: "model_damaged" });
});
