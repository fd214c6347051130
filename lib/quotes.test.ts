import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { acceptanceRuns, signatures } from "@/db/schema/projects";
import { forTenant } from "@/db/tenant";
import { createBuyer, openShop } from "./billing.fixture";
import { readInvoices } from "./invoices";
import {
  acceptMilestone,
  type Measured,
  MILESTONE_MOVES,
  type Milestone,
  milestonesOf,
  moveMilestone,
  passes,
  recordAcceptanceRun,
} from "./milestones";
import {
  answerBrief,
  createProject,
  findProject,
  moveProject,
  PROJECT_MOVES,
  type Project,
  timeline,
} from "./projects";
import { handIn, measurement } from "./projects.fixture";
import { lineAmount, quoteChanges } from "./quote-amounts";
import {
  approveDiscount,
  declineQuote,
  draftQuote,
  QUOTE_MOVES,
  type Quote,
  quotesOf,
  sendQuote,
  signQuote,
} from "./quotes";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

let tenantId = "";
let project: Project;
beforeEach(async () => {
  tenantId = await createBuyer();
  project = await createProject(tenantId, { title: "Ticket routing" }, "usr_am");
});

const SET = "a".repeat(64);
type Input = Parameters<typeof draftQuote>[2];
const line = (key: string, unit: string, milestone: string | null, discount = 0) => ({
  key,
  kind: "fixed" as const,
  title: `The ${key}`,
  quantity: 1,
  unit_decimal: unit,
  discount_bp: discount,
  milestone_key: milestone,
});
const acceptance = {
  setSha256: SET,
  metric: "accuracy" as const,
  threshold: 0.9,
  rule: "lower_bound" as const,
  minRows: 200,
  maxRuns: 2,
  reviewDays: 10,
};
const offer = (more: Partial<Input> = {}): Input => ({
  validUntil: "2026-03-31",
  lines: [line("deposit", "1000", null), line("model", "4000", "model", 1000)],
  milestones: [{ key: "model", title: "The model", due_on: "2026-05-01", acceptance }],
  ...more,
});
const NOW = new Date("2026-03-01T12:00:00Z");
const sent = async (input = offer()): Promise<Quote> => {
  const quote = await draftQuote(tenantId, project.id, input, "usr_am");
  return sendQuote(tenantId, quote.id, "usr_am", NOW);
};
const sign = (quote: Quote, now = NOW, sha256 = quote.sha256 ?? "") =>
  signQuote(
    tenantId,
    quote.id,
    { userId: "usr_owner", name: "Ada Owner", address: "127.0.0.1", sha256 },
    now,
  );
const states = async () =>
  (await forTenant(tenantId, (tx) => quotesOf(tx, project.id))).map(({ state }) => state);
const billed = async () =>
  (await readInvoices(tenantId)).map(({ netMinor, state }) => [Number(netMinor), state]).reverse();
const milestone = async () =>
  (await forTenant(tenantId, (tx) => milestonesOf(tx, project.id)))[0] as Milestone;
const measured = (more: Partial<Measured> = {}) =>
  measurement({ perClass: [{ label: "refund", rows: 40, recall: 0.8 }], ...more });

test("a signature accepts the bytes that were seen, once, and makes the deposit due", async () => {
  const quote = await sent();
  await expect(sign(quote, NOW, "b".repeat(64))).rejects.toThrow(/not the document that was sent/);
  const both = await Promise.allSettled([sign(quote), sign(quote)]);
  expect(both.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
  expect(await states()).toEqual(["accepted"]);
  expect(await billed()).toEqual([[100_000, "issued"]]);
  expect(await forTenant(tenantId, (tx) => tx.select(signatures))).toMatchObject([
    { name: "Ada Owner", sha256: quote.sha256, signedAt: NOW },
  ]);
  expect((await forTenant(tenantId, (tx) => findProject(tx, project.id))).state).toBe("active");
});

test("a quote is valid to the end of its last day where the seller is, and not an instant longer", async () => {
  const quote = await sent();
  await expect(sign(quote, new Date("2026-03-31T22:00:00Z"))).rejects.toThrow(/valid until 2026-03-31/);
  expect((await sign(quote, new Date("2026-03-31T21:59:59Z"))).state).toBe("accepted");
});

test("a change order supersedes what was signed, and bills only what is new", async () => {
  await sign(await sent());
  const wider = offer({
    lines: [line("deposit", "1500", null), line("model", "4000", "model"), line("more", "700", null)],
  });
  await sign(await sent(wider));
  expect(await states()).toEqual(["superseded", "accepted"]);
  expect(await billed()).toEqual([
    [100_000, "issued"],
    [50_000 + 70_000, "issued"],
  ]);
});

test("accepting one of two open versions withdraws the other", async () => {
  const [first, second] = [await sent(), await sent()];
  await sign(second);
  expect(await states()).toEqual(["withdrawn", "accepted"]);
  await expect(sign(first)).rejects.toThrow(/withdrawn/);
  await expect(declineQuote(tenantId, second.id, "too dear", "usr_owner")).rejects.toThrow(/accepted/);
});

test("a discount above the limit needs somebody else's agreement", async () => {
  const dear = offer({ lines: [line("model", "4000", null, 1501)] });
  const quote = await draftQuote(tenantId, project.id, dear, "usr_am");
  await expect(sendQuote(tenantId, quote.id, "usr_am", NOW)).rejects.toThrow(/above 15 %/);
  await expect(approveDiscount(tenantId, quote.id, "usr_am")).rejects.toThrow(/Somebody else/);
  await approveDiscount(tenantId, quote.id, "usr_operator");
  expect((await sendQuote(tenantId, quote.id, "usr_am", NOW)).state).toBe("sent");
  const allowed = await sent(offer({ lines: [line("model", "4000", null, 1500)] }));
  expect(allowed.state).toBe("sent");
});

test("a line is quantity times price less its discount, rounded once", () => {
  const of = (quantity: number, unit: string, discount: number) =>
    lineAmount({ ...line("x", unit, null, discount), quantity }, "EUR");
  expect([of(3, "0.335", 0), of(1, "100", 3333), of(7, "0.01", 5000), of(1, "100", 10_000)]).toEqual([
    101n,
    6667n,
    4n,
    0n,
  ]);
});

test("lines that wait for a milestone that is not there, and keys that are doubled, are refused", async () => {
  const draft = (input: Input) => draftQuote(tenantId, project.id, input, "usr_am");
  await expect(draft(offer({ milestones: [] }))).rejects.toThrow(/not there/);
  await expect(draft(offer({ lines: [line("a", "1", null), line("a", "1", null)] }))).rejects.toThrow(
    /same key/,
  );
  await expect(draft(offer({ lines: [line("a", "-1", null)] }))).rejects.toThrow(/decimal number/);
});

test("a passed milestone is reviewed, accepted and invoiced, and one that is missed is not", async () => {
  await sign(await sent());
  const { id } = await milestone();
  await handIn(tenantId, id);
  const missed = await recordAcceptanceRun(tenantId, id, measured({ low: 0.899 }), "usr_am", NOW);
  expect(missed.state).toBe("missed");
  // Measured by two workers, it is one run.
  await expect(recordAcceptanceRun(tenantId, id, measured(), "usr_am", NOW)).rejects.toThrow(/is missed/);
  await handIn(tenantId, id);
  const passed = await recordAcceptanceRun(tenantId, id, measured(), "usr_am", NOW);
  expect(passed).toMatchObject({ state: "passed", reviewEndsAt: new Date("2026-03-11T12:00:00Z") });
  const done = await acceptMilestone(tenantId, id, "accepted", "usr_owner", NOW);
  expect(done.state).toBe("invoiced");
  expect((await billed()).at(-1)).toEqual([360_000, "issued"]);
  await expect(acceptMilestone(tenantId, id, "accepted", "usr_owner", NOW)).rejects.toThrow(/invoiced/);
  expect(await forTenant(tenantId, (tx) => tx.select(acceptanceRuns))).toHaveLength(2);
});

test("runs beyond those agreed, other rows than those signed and too few of them are refused", async () => {
  await sign(await sent());
  const { id } = await milestone();
  const run = (more: Partial<Measured>) => recordAcceptanceRun(tenantId, id, measured(more), "usr_am", NOW);
  await handIn(tenantId, id);
  await expect(run({ setSha256: "b".repeat(64) })).rejects.toThrow(/not the rows that were signed/);
  await expect(run({ rows: 199 })).rejects.toThrow(/At least 200 rows/);
  await run({ low: 0.5 });
  await handIn(tenantId, id);
  await run({ low: 0.5 });
  await handIn(tenantId, id);
  await expect(run({})).rejects.toThrow(/All 2 runs/);
  await forTenant(tenantId, (tx) => moveMilestone(tx, id, "in_progress"));
  // Agreed to all the same.
  expect((await acceptMilestone(tenantId, id, "waived", "usr_owner", NOW)).state).toBe("invoiced");
});

test("the rule says whether the value or the lower end of its interval counts", () => {
  expect(passes(acceptance, { value: 0.95, low: 0.89 })).toBe(false);
  expect(passes({ ...acceptance, rule: "point" }, { value: 0.9, low: 0.5 })).toBe(true);
});

test("the customer's timeline leaves out what is for staff alone, and the brief grows answer by answer", async () => {
  await answerBrief(tenantId, project.id, { decision: "Which team?" }, "usr_owner");
  const after = await answerBrief(tenantId, project.id, { rowsPerMonth: 9000 }, "usr_owner");
  expect(after.brief).toEqual({ decision: "Which team?", rowsPerMonth: 9000 });
  await sent();
  const kinds = async (isStaff: boolean) =>
    (await forTenant(tenantId, (tx) => timeline(tx, project.id, isStaff))).map(({ kind }) => kind);
  expect(await kinds(true)).toContain("quote.drafted");
  expect(await kinds(false)).toEqual([
    "quote.sent",
    "project.scoping",
    "brief.answered",
    "brief.answered",
    "project.inquiry",
  ]);
});

test("a paused project says why and goes on where it was", async () => {
  await sent();
  const move = (to: Project["state"], because?: string) =>
    forTenant(tenantId, (tx) =>
      moveProject(tx, project.id, to, { actor: "usr_am", ...(because ? { because } : {}) }),
    );
  await expect(move("paused")).rejects.toThrow(/why/);
  await move("paused", "The data comes in June.");
  await expect(move("active")).rejects.toThrow(/paused in scoping/);
  expect(await move("scoping")).toMatchObject({ state: "scoping", pausedBecause: null });
});

test("projects, quotes and milestones move as their tables say, and every state can be left or is an end", async () => {
  for (const [name, moves] of Object.entries({ PROJECT_MOVES, QUOTE_MOVES, MILESTONE_MOVES })) {
    const known = Object.keys(moves);
    for (const [from, to] of Object.entries(moves as Record<string, readonly string[]>))
      for (const one of to) {
        expect(known, `${name}: ${from} to ${one}`).toContain(one);
        expect(one, `${name}: ${from}`).not.toBe(from);
      }
  }
  await sign(await sent());
  const { id } = await milestone();
  await expect(forTenant(tenantId, (tx) => moveMilestone(tx, id, "passed"))).rejects.toThrow(
    /does not become passed/,
  );
});

test("two versions are told apart by what was added, taken away and changed", async () => {
  const first = await sent();
  const lines = [
    line("deposit", "1000", null),
    line("model", "5000", "model", 1000),
    line("more", "700", null),
  ];
  const [milestone] = offer().milestones;
  const second = await sent(
    offer({ lines, milestones: milestone ? [{ ...milestone, due_on: "2026-06-01" }] : [] }),
  );
  if (!first.document || !second.document) throw new Error("a sent quote has its document");
  expect(quoteChanges(first.document, second.document)).toEqual([
    { of: "line", title: "The model", before: "3600.00", after: "4500.00" },
    expect.objectContaining({ of: "milestone", title: "The model" }),
    { of: "line", title: "The more", before: null, after: "700.00" },
    { of: "net", title: "", before: "4600.00", after: "6200.00" },
  ]);
  expect(quoteChanges(second.document, second.document)).toEqual([]);
});
