import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { createBuyer, offer, openShop, profile, use } from "./billing.fixture";
import { saveProfile } from "./billing-profiles";
import { discardDraft, releaseDraft } from "./held-drafts";
import { runInvoices } from "./invoice-run";
import { readInvoices } from "./invoices";
import { runDay } from "./periods";
import { subscribe } from "./subscriptions";

beforeAll(async () => {
  await openShop();
  const tiers = [{ up_to: null, unit_decimal: "0.02" }];
  await offer("held", { base: "10", meters: { "inference.row": { included: "0", tiers } } });
});
afterAll(closePools);

const run = (month: string) => runInvoices(month, runDay(month));
let tenantId = "";
beforeEach(async () => {
  tenantId = await createBuyer({ isPoRequired: true });
  await subscribe(tenantId, { planId: "held", startsAt: new Date("2026-01-01T00:00:00Z") }, "test");
  await use(tenantId, "2026-01-10T00:00:00Z", 100);
  await run("2026-01");
});
const draft = async () => (await readInvoices(tenantId)).find(({ state }) => state === "draft")?.id ?? "";
const seen = async () =>
  (await readInvoices(tenantId)).map(({ month, state, netMinor }) => [month, state, Number(netMinor)]);

test("a draft is issued as soon as what it lacked is there, with it and with a number", async () => {
  const id = await draft();
  await expect(releaseDraft(tenantId, id, "usr_am")).rejects.toThrow(/purchase order/);
  expect(await seen()).toEqual([["2026-01", "draft", 1200]]);
  await saveProfile(tenantId, profile({ isPoRequired: true, poNumber: "PO-7" }), "test");
  const both = await Promise.allSettled([
    releaseDraft(tenantId, id, "usr_am"),
    releaseDraft(tenantId, id, "usr_am"),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await readInvoices(tenantId)).toMatchObject([
    {
      state: "issued",
      number: expect.stringMatching(/^INV-/),
      buyer: { poNumber: "PO-7" },
      heldBecause: null,
    },
  ]);
});

test("a discarded draft's time is billed again by the next run, once, and by what then holds", async () => {
  await discardDraft(tenantId, await draft(), "usr_am");
  await saveProfile(tenantId, profile({ taxStatus: "exempt" }), "test");
  await Promise.all([run("2026-01"), run("2026-01")]);
  expect(await seen()).toEqual([
    ["2026-01", "issued", 1200],
    ["2026-01", "discarded", 1200],
  ]);
  expect((await readInvoices(tenantId))[0]?.taxMinor).toBe(0n);
  await run("2026-01");
  expect(await seen()).toHaveLength(2);
});

test("what is issued is neither released nor discarded", async () => {
  await saveProfile(tenantId, profile(), "test");
  const id = await draft();
  await releaseDraft(tenantId, id, "usr_am");
  await expect(discardDraft(tenantId, id, "usr_am")).rejects.toMatchObject({ code: "state_conflict" });
});
