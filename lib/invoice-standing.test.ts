import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { openShop } from "./billing.fixture";
import { issueCreditNote } from "./credit-notes";
import { customerBilling } from "./customer-billing";
import { standingOf } from "./invoice-standing";
import { recordPayment } from "./payments";
import { unique } from "./people.fixture";
import { quoteLine, signedProject } from "./projects.fixture";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

/** An invoice over 119.00, with what happens to it: payments in minor units, credits before tax. */
async function after(...steps: readonly (readonly ["pay" | "credit", bigint])[]) {
  const { tenantId, projectId } = await signedProject({
    lines: [quoteLine("deposit", "100")],
    signedAt: new Date("2026-02-10T12:00:00Z"),
  });
  const [invoice] = (await customerBilling(tenantId)).invoices;
  for (const [what, amountMinor] of steps)
    if (what === "pay") {
      const [provider, currency, receivedOn] = ["bank", "EUR", "2026-02-12"] as const;
      const payment = { provider, providerId: unique("transfer"), currency, amountMinor, receivedOn };
      await recordPayment(tenantId, payment, "test");
    } else {
      const lines = [{ key: `${projectId}/deposit`, amountMinor }];
      await issueCreditNote(tenantId, invoice?.id ?? "", { lines, reason: "test" }, "test");
    }
  const [now] = (await customerBilling(tenantId)).invoices;
  return [now?.standing, Number(now?.openMinor)];
}

test("an invoice of which only a part was credited is not called paid in part, and the rest is open", async () => {
  expect(await after(["credit", 4000n])).toEqual(["part_credited", 7140]);
});

test("an invoice that was credited wholly is credited, not paid, whether money had come or not", async () => {
  expect(await after(["credit", 4000n], ["credit", 6000n])).toEqual(["credited", 0]);
  expect(await after(["pay", 11_900n], ["credit", 10_000n])).toEqual(["credited", 0]);
});

test("money and credit together are both named, in whichever order they came", async () => {
  expect(await after(["pay", 1000n])).toEqual(["part_paid", 10_900]);
  expect(await after(["pay", 1000n], ["credit", 4000n])).toEqual(["part_paid_credited", 6140]);
  expect(await after(["credit", 4000n], ["pay", 1000n])).toEqual(["part_paid_credited", 6140]);
  expect(await after(["credit", 4000n], ["pay", 7140n])).toEqual(["paid_credited", 0]);
  expect(await after(["pay", 11_900n], ["credit", 4000n])).toEqual(["paid_credited", 0]);
});

test("what is written off or a draft stays so", () => {
  const some = { creditedMinor: 10n, settledMinor: 10n };
  const of = { totalMinor: 100n, settledMinor: 10n };
  expect(standingOf({ ...of, state: "uncollectible" }, some)).toBe("uncollectible");
  expect(standingOf({ ...of, state: "draft" }, { creditedMinor: 0n, settledMinor: 0n })).toBe("draft");
});
