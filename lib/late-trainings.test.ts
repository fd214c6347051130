import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { jobs } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { createBuyer, offer, openShop, use } from "./billing.fixture";
import { issueCreditNote } from "./credit-notes";
import { createId } from "./id";
import { runInvoices } from "./invoice-run";
import { linesOfInvoice, readInvoices } from "./invoices";
import { held, minutesLate, promiseOf, unheld } from "./late-trainings";
import { unique } from "./people.fixture";
import { currentSpend } from "./spend";
import { pauseTrainings, restoreStanding } from "./standing";
import { subscribe } from "./subscriptions";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

const at = (text: string) => new Date(`${text}Z`);
const QUEUED = at("2026-01-10T10:00:00");
const RUN = at("2026-02-04T06:00:00");

/** A customer in a currency of this suite's own, whose only cost are trainings. */
async function customer() {
  const tenantId = await createBuyer({ currency: "ISK" });
  const planId = unique("late");
  await offer(planId, { base: "0", meters: {} }, "ISK");
  await subscribe(tenantId, { planId, startsAt: at("2026-01-01T00:00:00") }, "test");
  return tenantId;
}

async function order(tenantId: string, set: Partial<typeof jobs.$inferInsert>) {
  const [job] = await forTenant(tenantId, (tx) =>
    tx.insert(jobs, {
      ...{ id: createId("job"), trainingFileId: "file-1", task: "text-classification", base: "minilm-l6" },
      ...{ seed: 1, asked: {}, state: "queued", stages: [], createdBy: "usr_owner" },
      ...{ priceDecimal: "900", priceCurrency: "ISK", promisedMinutes: 30, queuedAt: QUEUED },
      ...set,
    }),
  );
  if (!job) throw new Error("the job was not stored");
  return job;
}

/** As a worker that has deployed its model: the job with what it is late by, and its event. */
async function succeeded(tenantId: string, lateMinutes: number | null, priceDecimal: string | null = "901") {
  const job = await order(tenantId, {
    ...{ state: "succeeded", priceDecimal, lateMinutes },
    priceCurrency: priceDecimal === null ? null : "ISK",
    finishedAt: at("2026-01-10T12:00:00"),
  });
  const fixed = priceDecimal === null ? {} : { fixedDecimal: priceDecimal };
  await use(tenantId, "2026-01-10T12:00:00Z", 1, { id: job.id, meter: "training.job", ...fixed });
  return job.id;
}

const billed = async (tenantId: string) => {
  const [invoice] = await readInvoices(tenantId);
  if (!invoice) throw new Error("there is no invoice");
  return { invoice, lines: await forTenant(tenantId, (tx) => linesOfInvoice(tx, invoice.id)) };
};

test("a training is late when it takes longer than promised from the queue to its model, by minutes begun", () => {
  const job = { promisedMinutes: 30, queuedAt: QUEUED, heldMs: 0 };
  expect(minutesLate(job, at("2026-01-10T10:30:00"))).toBeNull();
  expect(minutesLate(job, at("2026-01-10T10:30:01"))).toBe(1);
  expect(minutesLate(job, at("2026-01-10T12:00:00"))).toBe(90);
  expect(minutesLate({ ...job, promisedMinutes: null }, RUN)).toBeNull();
  expect(minutesLate({ ...job, queuedAt: null }, RUN)).toBeNull();
});

test("time in which the customer paused it does not count", () => {
  const paused = { heldMs: 0, heldAt: null, ...held({ heldAt: null, heldMs: 0 }, at("2026-01-10T10:10:00")) };
  // A second reason to wait does not begin anew.
  expect(held(paused, at("2026-01-10T10:20:00"))).toEqual({ heldAt: at("2026-01-10T10:10:00") });
  const resumed = unheld(paused, at("2026-01-10T11:10:00"));
  expect(resumed).toEqual({ heldAt: null, heldMs: 3_600_000 });
  const job = { promisedMinutes: 30, queuedAt: QUEUED, ...resumed };
  expect(minutesLate(job, at("2026-01-10T11:30:00"))).toBeNull();
  expect(minutesLate(job, at("2026-01-10T11:40:00"))).toBe(10);
});

test("time in which it gets no place because an invoice is not paid does not count", async () => {
  const tenantId = await customer();
  const [waiting, running] = [
    await order(tenantId, {}),
    await order(tenantId, { state: "running", enqueuedAt: QUEUED }),
  ];
  const clock = async (id: string) =>
    (await forTenant(tenantId, (tx) => tx.select(jobs))).find((one) => one.id === id);
  await forTenant(tenantId, pauseTrainings);
  expect((await clock(waiting.id))?.heldAt).toBeInstanceOf(Date);
  expect((await clock(running.id))?.heldAt).toBeNull();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await forTenant(tenantId, restoreStanding);
  const after = await clock(waiting.id);
  expect([after?.heldAt, (after?.heldMs ?? 0) >= 20]).toEqual([null, true]);
});

test("half of a late training's price is taken off the invoice that bills it, once", async () => {
  const tenantId = await customer();
  const late = await succeeded(tenantId, 12);
  await succeeded(tenantId, null);
  const spend = await currentSpend(tenantId, at("2026-01-20T00:00:00"));
  // Half of 901 is rounded away from zero, in a currency without minor units.
  expect(spend?.netMinor).toBe(1802n - 451n);
  await runInvoices("2026-01", RUN);
  await runInvoices("2026-01", RUN);
  await runInvoices("2026-02", at("2026-03-04T06:00:00"));
  expect(await readInvoices(tenantId)).toHaveLength(1);
  const { invoice, lines } = await billed(tenantId);
  expect(invoice.netMinor).toBe(1802n - 451n);
  expect(lines.at(-1)).toMatchObject({
    key: `late-training/${late}`,
    text: { is: "late_training", values: { job: late, minutes: "12", percent: "50" } },
    amountMinor: -451n,
  });
});

test("a training that costs nothing has nothing to credit", async () => {
  const tenantId = await customer();
  await succeeded(tenantId, 12, "0");
  await succeeded(tenantId, 12, null);
  await succeeded(tenantId, null, "100");
  await runInvoices("2026-01", RUN);
  expect((await billed(tenantId)).lines.map(({ text }) => text.is)).not.toContain("late_training");
});

test("of an invoice with a credit no more is credited than it comes to, and all of it with its whole tax", async () => {
  const tenantId = await customer();
  await succeeded(tenantId, 12, "100");
  await runInvoices("2026-01", RUN);
  const { invoice, lines } = await billed(tenantId);
  const key = lines.find(({ text }) => text.is === "training")?.key ?? "";
  const credit = (amountMinor: bigint) =>
    issueCreditNote(tenantId, invoice.id, { lines: [{ key, amountMinor }], reason: "Wrong" }, "test", RUN);
  await expect(credit(51n)).rejects.toThrow(/come to less than that/);
  const notes = [await credit(20n), await credit(30n)];
  expect(notes.reduce((sum, { totalMinor }) => sum + totalMinor, 0n)).toBe(invoice.totalMinor);
});

test("the promise is the forecast's p90 within the order's budget, and there is none without a forecast", () => {
  const training = [
    { rows: 100, p50Seconds: 60, p90Seconds: 600 },
    { rows: 200, p50Seconds: 60, p90Seconds: 1200 },
  ];
  const appraisal = { report: { rows: 150, training } } as never;
  expect([promiseOf(appraisal), promiseOf(appraisal, 10), promiseOf(null)]).toEqual([15, 10, null]);
  expect(promiseOf({ report: { rows: 150, training: [] } } as never)).toBeNull();
});
