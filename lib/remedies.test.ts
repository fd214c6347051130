import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { creditNotes, invoiceLines } from "@/db/schema/billing";
import { auditEvents } from "@/db/schema/people";
import { remedies, signatures } from "@/db/schema/projects";
import { forTenant } from "@/db/tenant";
import { openShop } from "./billing.fixture";
import { issueCreditNote } from "./credit-notes";
import { listInvoices, readInvoices } from "./invoices";
import { acceptMilestone, recordAcceptanceRun } from "./milestones";
import { mailsWith } from "./people.fixture";
import { timeline } from "./projects";
import {
  acceptanceOf,
  firstMilestone,
  handIn,
  measurement,
  modelMilestone,
  quoteLine,
  signedProject,
} from "./projects.fixture";
import { draftQuote, sendQuote, signQuote } from "./quotes";
import { dropRemedy, proposeRemedy, REMEDY_MOVES, type Remedy, signRemedy } from "./remedies";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

const NOW = new Date("2026-03-01T12:00:00Z");
const LINES = [
  quoteLine("deposit", "1000"),
  quoteLine("model", "3000", { milestone_key: "model" }),
  quoteLine("report", "500", { milestone_key: "model" }),
];
const MILESTONES = [modelMilestone(acceptanceOf())];

/** A project whose only milestone was measured and missed. */
async function missed() {
  const signed = await signedProject({ lines: LINES, milestones: MILESTONES, signedAt: NOW });
  const { tenantId, projectId, milestoneId } = signed;
  await handIn(tenantId, milestoneId);
  await recordAcceptanceRun(tenantId, milestoneId, measurement({ value: 0.8 }), "usr_am", NOW);
  const propose = (kind: "reduction" | "ending", off: { shareBp: number } | { amount: string }) =>
    proposeRemedy(tenantId, milestoneId, { kind, words: "It is 80 %, not 90 %.", ...off }, "usr_am");
  const signing = (sha256: string) => ({ userId: "usr_owner", name: "Ada", address: "127.0.0.1", sha256 });
  const sign = ({ id, sha256 }: Pick<Remedy, "id" | "sha256">) =>
    signRemedy(tenantId, id, signing(sha256), NOW);
  const billed = async () => (await readInvoices(tenantId)).map(({ netMinor }) => netMinor).reverse();
  const state = async () => (await firstMilestone(tenantId, projectId))?.state;
  const isOpen = async (id: string) =>
    (await forTenant(tenantId, (tx) => tx.select(remedies))).find((one) => one.id === id)?.state;
  return { ...signed, propose, sign, billed, state, isOpen };
}
const credits = (tenantId: string) => forTenant(tenantId, (tx) => tx.select(creditNotes));

test("a signed reduction takes the milestone and bills its lines less what was agreed, once", async () => {
  const { tenantId, projectId, propose, sign, billed, state } = await missed();
  const remedy = await propose("reduction", { amount: "3100.00" });
  expect(remedy.document).toMatchObject({
    lines: [
      { key: `${projectId}/model`, open: "3000.00", off: "3000.00" },
      { key: `${projectId}/report`, open: "500.00", off: "100.00" },
    ],
    off: "3100.00",
  });
  const both = await Promise.allSettled([sign(remedy), sign(remedy)]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect([await state(), await billed()]).toEqual(["invoiced", [100_000n, 40_000n]]);
  const lines = await forTenant(tenantId, (tx) => tx.select(invoiceLines));
  expect(lines.find(({ key }) => key === `${projectId}/report`)).toMatchObject({
    quantity: 1n,
    unitDecimal: "400.00",
    amountMinor: 40_000n,
  });
  const signed = (await forTenant(tenantId, (tx) => tx.select(signatures))).filter(
    ({ remedyId }) => remedyId === remedy.id,
  );
  expect(signed).toMatchObject([{ name: "Ada", sha256: remedy.sha256, signedAt: NOW }]);
  const audited = await forTenant(tenantId, (tx) => tx.select(auditEvents));
  expect(audited).toContainEqual(expect.objectContaining({ action: "remedy.accepted", target: remedy.id }));
});

test("a change order after a reduction does not ask again for what was taken off", async () => {
  const { tenantId, projectId, propose, sign, billed } = await missed();
  await sign(await propose("reduction", { shareBp: 2000 }));
  expect(await billed()).toEqual([100_000n, 280_000n]);
  const dearer = [
    LINES[0],
    { ...LINES[1], unit_decimal: "3200", milestone_key: null },
    { ...LINES[2], milestone_key: null },
  ];
  const input = { validUntil: "2026-03-31", lines: dearer as typeof LINES, milestones: [] };
  const draft = await draftQuote(tenantId, projectId, input, "usr_am");
  const { sha256 } = await sendQuote(tenantId, draft.id, "usr_am", NOW);
  const signing = { userId: "usr_owner", name: "Ada", address: "127.0.0.1", sha256: sha256 ?? "" };
  await signQuote(tenantId, draft.id, signing, NOW);
  expect(await billed()).toEqual([100_000n, 280_000n, 20_000n]);
});

test("a signed ending credits the agreed part of the deposit, once, and nothing of the milestone is ever due", async () => {
  const { tenantId, milestoneId, propose, sign, billed, state } = await missed();
  const remedy = await propose("ending", { shareBp: 5000 });
  expect(remedy.document.lines).toMatchObject([{ title: "The deposit", open: "1000.00", off: "500.00" }]);
  const both = await Promise.allSettled([sign(remedy), sign(remedy)]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect([await state(), await billed()]).toEqual(["cancelled", [100_000n]]);
  expect(await credits(tenantId)).toMatchObject([{ netMinor: 50_000n, taxMinor: 9_500n }]);
  await expect(acceptMilestone(tenantId, milestoneId, "waived", "usr_owner", NOW)).rejects.toThrow(
    /is cancelled/,
  );
});

test("an ending credits deposits of several invoices, each by a note of its own, or nothing at all", async () => {
  const { tenantId, projectId, propose, sign, state } = await missed();
  const wider = {
    validUntil: "2026-03-31",
    lines: [...LINES, quoteLine("more", "200")],
    milestones: MILESTONES,
  };
  const draft = await draftQuote(tenantId, projectId, wider, "usr_am");
  const { sha256 } = await sendQuote(tenantId, draft.id, "usr_am", NOW);
  const signing = { userId: "usr_owner", name: "Ada", address: "127.0.0.1", sha256: sha256 ?? "" };
  await signQuote(tenantId, draft.id, signing, NOW);
  await sign(await propose("ending", { amount: "1150" }));
  expect((await credits(tenantId)).map(({ netMinor }) => netMinor).sort()).toEqual([100_000n, 15_000n]);
  const other = await missed();
  await other.sign(await other.propose("ending", { shareBp: 0 }));
  expect(await credits(other.tenantId)).toEqual([]);
  expect([await state(), await other.state()]).toEqual(["cancelled", "cancelled"]);
});

test("where the deposit was credited meanwhile, signing changes nothing and says what is left", async () => {
  const { tenantId, projectId, propose, sign, state, isOpen } = await missed();
  const remedy = await propose("ending", { shareBp: 10_000 });
  const [invoice] = await forTenant(tenantId, listInvoices);
  const lines = [{ key: `${projectId}/deposit`, amountMinor: 40_000n }];
  await issueCreditNote(tenantId, invoice?.id ?? "", { lines, reason: "Goodwill" }, "usr_am", NOW);
  await expect(sign(remedy)).rejects.toThrow(/60000 left to credit/);
  expect([await state(), await isOpen(remedy.id)]).toEqual(["missed", "proposed"]);
  expect(await credits(tenantId)).toHaveLength(1);
});

test("whoever goes on with the milestone takes the open proposal back", async () => {
  const again = await missed();
  const first = await again.propose("reduction", { shareBp: 1000 });
  await handIn(again.tenantId, again.milestoneId);
  expect(await again.isOpen(first.id)).toBe("withdrawn");
  await expect(again.sign(first)).rejects.toThrow(/withdrawn does not become accepted/);
  const waived = await missed();
  const second = await waived.propose("reduction", { shareBp: 1000 });
  const raced = await Promise.allSettled([
    waived.sign(second),
    acceptMilestone(waived.tenantId, waived.milestoneId, "waived", "usr_owner", NOW),
  ]);
  expect(raced.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  expect(await waived.billed()).toHaveLength(2);
});

test("only what was missed is ended by agreement, by one proposal at a time, and for no more than is open", async () => {
  const { tenantId, propose, sign, isOpen } = await missed();
  await expect(propose("reduction", { amount: "3500.01" })).rejects.toThrow(/EUR 3500.00 to take it from/);
  await expect(propose("reduction", { shareBp: 0 })).rejects.toThrow(/how much less/);
  await expect(propose("ending", { amount: "1.001" })).rejects.toThrow(/no amount in EUR/);
  const both = await Promise.allSettled([
    propose("ending", { shareBp: 1000 }),
    propose("reduction", { shareBp: 1000 }),
  ]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  const [open] = await forTenant(tenantId, (tx) => tx.select(remedies));
  await expect(sign({ id: open?.id ?? "", sha256: "0".repeat(64) })).rejects.toThrow(/not the document/);
  await dropRemedy(tenantId, open?.id ?? "", "declined", { by: "usr_owner", because: "Too little." });
  expect(await isOpen(open?.id ?? "")).toBe("declined");
  const better = await propose("reduction", { shareBp: 10_000 });
  expect((await sign(better)).state).toBe("accepted");
  await expect(propose("reduction", { shareBp: 1000 })).rejects.toThrow(/Only a milestone that was missed/);
  await expect(dropRemedy(tenantId, better.id, "withdrawn", { by: "usr_am" })).rejects.toThrow(/accepted/);
});

test("both sides hear of it: the customer by mail, and the timeline says what was agreed", async () => {
  const { tenantId, projectId, propose, sign } = await missed();
  await sign(await propose("reduction", { amount: "500" }));
  const events = await forTenant(tenantId, (tx) => timeline(tx, projectId, false));
  expect(events.slice(0, 2)).toMatchObject([
    { kind: "remedy.signed_reduction", data: { milestone: "The model", off: "EUR 500.00", name: "Ada" } },
    { kind: "remedy.reduction", body: "It is 80 %, not 90 %." },
  ]);
  const subjects = (await mailsWith(projectId)).map(({ subject }) => subject);
  expect(subjects).toContainEqual(expect.stringMatching(/^A proposal about a missed milestone/));
});

test("what belongs to another organisation is not there", async () => {
  const [ours, theirs] = [await missed(), await missed()];
  const remedy = await ours.propose("reduction", { shareBp: 1000 });
  await expect(theirs.sign(remedy)).rejects.toMatchObject({ code: "not_found" });
  const input = { kind: "reduction" as const, words: "x", shareBp: 1000 };
  await expect(proposeRemedy(theirs.tenantId, ours.milestoneId, input, "usr_am")).rejects.toMatchObject({
    code: "not_found",
  });
});

test("a proposal moves by its table, and every end is one", () => {
  expect(Object.entries(REMEDY_MOVES).filter(([, to]) => to.length > 0)).toEqual([
    ["proposed", ["accepted", "declined", "withdrawn"]],
  ]);
});
