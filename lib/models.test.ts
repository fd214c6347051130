import { eq, inArray } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { jobs, models } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { deployTinyModel } from "@/workers/serve-fixtures";
import { createId } from "./id";
import {
  deleteModel,
  getModel,
  listModels,
  MODEL_MOVES,
  type ModelState,
  markFailed,
  markReady,
  modelName,
  provisionalName,
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

test("a provisional model is listed until its job has succeeded, and goes with the final one", async () => {
  const actor = { tenantId: tenant.tenantId, userId: "usr_x", keyId: null } as Actor;
  const [first, final] = [await deployTinyModel(tenant, "step"), await deployTinyModel(tenant, "step")];
  const jobId = createId("job");
  const name = provisionalName(final.name);
  const common = { id: jobId, trainingFileId: "file-x", task: "t", base: "minilm-l6", seed: 1, asked: {} };
  await forTenant(tenant.tenantId, async (tx) => {
    await tx.insert(jobs, { ...common, state: "running", stages: [], createdBy: "system" });
    await tx.update(models, { jobId }, inArray(models.id, [first.id, final.id]));
    await tx.update(models, { name, checkpointStep: 0 }, eq(models.id, first.id));
  });
  const names = async () => (await listModels(tenant.tenantId)).map((model) => model.name);
  for (const [jobState, isListed] of [
    ["running", true],
    ["paused", true],
    ["cancelled", true],
    ["succeeded", false],
  ] as const) {
    await forTenant(tenant.tenantId, (tx) => tx.update(jobs, { state: jobState }, eq(jobs.id, jobId)));
    expect((await names()).includes(name), jobState).toBe(isListed);
    expect((await getModel(tenant.tenantId, name)).id).toBe(first.id);
  }
  await deleteModel(actor, final.name);
  const left = await getModel(tenant.tenantId, first.id, ["deleted"]);
  expect(left).toMatchObject({ files: {}, report: { evaluation: { confusions: [] } } });
});

test("a name carries base, tenant, suffix and id; without a suffix two colons meet", () => {
  expect(modelName("minilm-l6", "acme", "tickets", "mdl_01x")).toBe("ft:minilm-l6:acme:tickets:01x");
  expect(modelName("minilm-l6", "acme", null, "mdl_01x")).toBe("ft:minilm-l6:acme::01x");
});
