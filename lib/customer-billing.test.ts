import { afterAll, beforeAll, expect, test } from "vitest";
import { POST as credit } from "@/app/api/desk/customers/[tenant]/invoices/[id]/credit-notes/route";
import { POST as pay } from "@/app/api/desk/customers/[tenant]/payments/route";
import { closePools } from "@/db/index";
import { openShop } from "./billing.fixture";
import { customerBilling, invoiceView, minorOf } from "./customer-billing";
import { ask, cookieOf, unique } from "./people.fixture";
import { quoteLine, signedProject } from "./projects.fixture";
import { openSession } from "./session";
import { assignCustomer, createStaff } from "./staff";
import { listTenants } from "./tenants";

beforeAll(async () => void (await openShop()));
afterAll(closePools);

async function invoiced() {
  const wanted = { lines: [quoteLine("deposit", "1000")], signedAt: new Date("2026-02-10T12:00:00Z") };
  const { tenantId, projectId } = await signedProject(wanted);
  const slug = (await listTenants()).find((one) => one.tenantId === tenantId)?.slug ?? "";
  const hire = async (assign: boolean) => {
    const { userId, email } = await createStaff({
      email: `${unique("am")}@graft.test`,
      role: "account_manager",
    });
    if (assign) await assignCustomer(slug, email);
    return cookieOf(await openSession(userId));
  };
  const [cookie, stranger] = [await hire(true), await hire(false)];
  const [invoice] = (await customerBilling(tenantId)).invoices;
  const key = `${projectId}/deposit`;
  const payment = (body: object, who = cookie) =>
    ask(pay, {
      ...{ method: "POST", cookie: who, params: { tenant: slug } },
      body: { receivedOn: "2026-02-12", ...body },
    });
  const note = (amount: string, who = cookie) =>
    ask(credit, {
      ...{ method: "POST", cookie: who, params: { tenant: slug, id: invoice?.id ?? "" } },
      body: { reason: "A late start", lines: [{ key, amount }] },
    });
  return { tenantId, invoiceId: invoice?.id ?? "", payment, note, stranger };
}

test("a payment pays what is open, once by its reference, and what is left of it is kept", async () => {
  const { tenantId, payment } = await invoiced();
  const reference = unique("bank");
  expect((await payment({ amount: "1200.50", reference })).status).toBe(200);
  await payment({ amount: "1200.50", reference });
  expect(await customerBilling(tenantId)).toMatchObject({
    ...{ owedMinor: 0n, balanceMinor: 1050n },
    invoices: [{ state: "paid" }],
  });
});

test("a credit note takes no more than a line has left, and lowers what is open", async () => {
  const { tenantId, invoiceId, note } = await invoiced();
  expect((await note("400")).body.number).toMatch(/^CRN?-|^CN-|\d/);
  expect((await note("600.01")).status).toBe(400);
  expect((await invoiceView(tenantId, invoiceId)).lines[0]?.leftMinor).toBe(60_000n);
  expect(await customerBilling(tenantId)).toMatchObject({
    owedMinor: 71_400n,
    creditNotes: [{ totalMinor: 47_600n }],
  });
});

test("who is not assigned reaches neither, and amounts finer than the currency are refused", async () => {
  const { payment, note, stranger } = await invoiced();
  expect((await payment({ amount: "1", reference: "x" }, stranger)).code).toBe("not_found");
  expect((await note("1", stranger)).code).toBe("not_found");
  for (const amount of ["1.005", "-1", "one", "0"])
    expect((await payment({ amount, reference: unique("bank") })).status, amount).toBe(400);
  expect(minorOf("12", "JPY", "amount")).toBe(12n);
  expect(() => minorOf("12.5", "JPY", "amount")).toThrow(/no amount in JPY/);
});
