import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { models } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { deployTinyModel } from "@/workers/serve-fixtures";
import {
  deleteModel,
  getModel,
  listModels,
  MODEL_MOVES,
  type ModelState,
  markFailed,
  markReady,
  modelName,
} from "./models";
import type { Actor } from "./session";
import { createTenant } from "./tenants";

let tenant: { tenantId: string; slug: string };
let id = "";
const STATES = Object.keys(MODEL_MOVES) as ModelState[];

beforeAll(async () => {
  tenant = await createTenant({ name: "Moves", email: "moves@acme.test" });
  id = (await deployTinyModel(tenant, "moves")).id;
});
afterAll(closePools);

const put = (state: ModelState) =>
  forTenant(tenant.tenantId, (tx) => tx.update(models, { state }, eq(models.id, id)));
const state = async () => (await getModel(tenant.tenantId, id, STATES)).state;

test.each(STATES)("a model that is %s moves where the table says and nowhere else", async (from) => {
  const actor = { tenantId: tenant.tenantId, userId: "usr_x", keyId: null } as Actor;
  const ways: Record<string, () => Promise<unknown>> = {
    ready: () => forTenant(tenant.tenantId, (tx) => markReady(tx, id)),
    failed: () => forTenant(tenant.tenantId, (tx) => markFailed(tx, id)),
    deleted: () => deleteModel(actor, id).catch(() => {}),
  };
  for (const [to, go] of Object.entries(ways)) {
    await put(from);
    await go();
    const isAllowed = MODEL_MOVES[from].includes(to as ModelState);
    expect([from, to, await state()]).toEqual([from, to, isAllowed ? to : from]);
  }
});

test("only ready models are listed and found, by id and by name", async () => {
  for (const from of STATES) {
    await put(from);
    const { name } = await getModel(tenant.tenantId, id, STATES);
    const listed = (await listModels(tenant.tenantId)).map((model) => model.id);
    expect(listed).toEqual(from === "ready" ? [id] : []);
    for (const by of [id, name]) {
      const found = await getModel(tenant.tenantId, by).then(
        (model) => model.id,
        (error: { code: string }) => error.code,
      );
      expect(found).toBe(from === "ready" ? id : "model_not_found");
    }
  }
});

test("a name carries base, tenant, suffix and id; without a suffix two colons meet", () => {
  expect(modelName("minilm-l6", "acme", "tickets", "mdl_01x")).toBe("ft:minilm-l6:acme:tickets:01x");
  expect(modelName("minilm-l6", "acme", null, "mdl_01x")).toBe("ft:minilm-l6:acme::01x");
});
