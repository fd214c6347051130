import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { models } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { deployTinyModel } from "@/workers/serve-fixtures";
import { findModel, readModels } from "./known-models";
import { createTenant } from "./tenants";

let tenant: { tenantId: string; slug: string };
let other: { tenantId: string; slug: string };
let id = "";
beforeAll(async () => {
  tenant = await createTenant({ name: "Known", email: "known@acme.test" });
  other = await createTenant({ name: "Unknown", email: "unknown@acme.test" });
  id = (await deployTinyModel(tenant, "known")).id;
});
afterAll(closePools);

const read = async (tenantId = tenant.tenantId) =>
  (await forTenant(tenantId, (tx) => readModels(tx, eq(models.id, id))))[0];
const rename = (recipe: string) =>
  forTenant(tenant.tenantId, (tx) => tx.update(models, { recipe }, eq(models.id, id)));

test("a row that did not change is not read again, and one that did is, at once", async () => {
  const first = await read();
  expect(await read()).toBe(first);
  await rename("wide");
  expect(await read()).toMatchObject({ id, recipe: "wide" });
});

test("what a transaction saw that did not end is forgotten with it", async () => {
  await rename("head");
  await expect(
    forTenant(tenant.tenantId, async (tx) => {
      await tx.update(models, { recipe: "lora" }, eq(models.id, id));
      expect((await readModels(tx, eq(models.id, id)))[0]?.recipe).toBe("lora");
      throw new Error("given up");
    }),
  ).rejects.toThrow("given up");
  expect((await read())?.recipe).toBe("head");
});

test("a row that is known here is not there for another organisation", async () => {
  await read();
  expect(await read(other.tenantId)).toBeUndefined();
});

test("a model that a call names is the row that a transaction reads, to the last value, and nobody else's", async () => {
  await rename("wide");
  const named = await findModel(tenant.tenantId, id, ["ready"]);
  await rename("wide");
  const [selected] = await forTenant(tenant.tenantId, (tx) => tx.select(models, eq(models.id, id)));
  expect(named).toStrictEqual(selected);
  expect(await findModel(tenant.tenantId, selected?.name ?? "", ["ready"])).toStrictEqual(selected);
  expect(await findModel(other.tenantId, id, ["ready"])).toBeUndefined();
  expect(await findModel(tenant.tenantId, id, ["deleted"])).toBeUndefined();
});
