import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { listAudit } from "./audit";
import { openShop } from "./billing.fixture";
import { runDunning, STEPS } from "./dunning";
import { readInvoices } from "./invoices";
import { recordPayment } from "./payments";
import { mailsWith, unique } from "./people.fixture";
import { quoteLine, signedProject } from "./projects.fixture";
import { listTenants } from "./tenants";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

const SIGNED = new Date("2026-03-01T12:00:00Z");
let [tenantId, to] = ["", ""];
beforeEach(async () => {
  to = `${unique("accounts")}@buyer.test`;
  const lines = [quoteLine("deposit", "1000")];
  ({ tenantId } = await signedProject({ lines, signedAt: SIGNED, buyer: { emails: [to] } }));
});
/** So many days after the due day, which is 14 days after the signature. */
const late = (days: number) => new Date(SIGNED.getTime() + (14 + days) * 86_400_000);
/** One tenant alone: the database is other suites' too. */
const dun = (now: Date) => runDunning(now, tenantId);
const state = async () => (await listTenants()).find((one) => one.tenantId === tenantId)?.state;
const subjects = async () => (await mailsWith(to)).map(({ subject }) => subject.split(":")[0]);
const pay = () =>
  recordPayment(
    tenantId,
    {
      ...{ provider: "bank", providerId: unique("bank"), currency: "EUR", amountMinor: 119_000n },
      receivedOn: "2026-04-20",
    },
    "usr_am",
  );

test("each step comes on its day with a mail and a line in the log, and never twice", async () => {
  await dun(late(2));
  expect(await subjects()).toEqual([expect.stringMatching(/^Invoice INV-/)]);
  for (const { days } of STEPS) {
    await dun(late(days - 1));
    await Promise.all([dun(late(days)), dun(late(days))]);
    expect(await state(), `after ${days} days`).toBe(days < 14 ? "active" : "past_due");
  }
  expect((await subjects()).slice(1)).toEqual([
    "Reminder",
    "Reminder",
    "Overdue",
    "Last notice before calls are refused",
    "Calls are refused",
  ]);
  const actions = (await listAudit(tenantId)).map(({ action }) => action);
  expect(actions.filter((action) => action === "invoice.dunned")).toHaveLength(5);
  expect(actions).toEqual(expect.arrayContaining(["tenant.past_due", "tenant.calls_refused"]));
  await dun(late(99));
  expect(await subjects()).toHaveLength(6);
});

test("a worker that was away for two months does not take all steps at once", async () => {
  await dun(late(60));
  await dun(late(60));
  expect(await subjects()).toHaveLength(2);
  expect(await state()).toBe("active");
  await dun(late(67));
  await dun(late(71));
  expect(await state()).toBe("past_due");
});

test("with the payment everything goes on at once, and a paid invoice is not dunned", async () => {
  for (const { days } of STEPS) await dun(late(days));
  expect(await state()).toBe("past_due");
  await pay();
  expect(await state()).toBe("active");
  expect(await readInvoices(tenantId)).toMatchObject([{ state: "paid" }]);
  await dun(late(200));
  expect(await subjects()).toHaveLength(6);
});
