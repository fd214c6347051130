import { afterAll, beforeAll, expect, test } from "vitest";
import { PUT } from "@/app/api/operations/seller/route";
import { closePools } from "@/db/index";
import { forPlatform, type Transaction } from "@/db/tenant";
import { openShop } from "./billing.fixture";
import { missingOf, SELLER_PARTS } from "./first-steps";
import { ask, cookieOf, createPerson, unique } from "./people.fixture";
import { findSeller, nextNumbers, numbersIn, sellerSchema, setPrefixes } from "./seller";
import { openSession } from "./session";
import { createStaff } from "./staff";

const SELLER = {
  name: "Graft Test GmbH",
  address: { lines: ["Lange Strasse 1"], postcode: "10115", city: "Berlin" },
  country: "DE",
  taxId: "DE123456789",
  iban: "DE02 1203 0000 0000 2020 51",
  email: "billing@graft.test",
  timeZone: "Europe/Berlin",
  taxRates: { standard: 1900 },
  termsVersion: "2026-01",
};
const staffCookie = async (role: "operator" | "account_manager") =>
  cookieOf(await openSession((await createStaff({ email: `${unique(role)}@graft.test`, role })).userId));

let operator = "";
beforeAll(async () => {
  operator = await staffCookie("operator");
});
afterAll(closePools);
const save = (body: unknown, cookie = operator) => ask(PUT, { method: "PUT", cookie, body });

test("an operator saves the seller, nobody else does", async () => {
  expect((await save(SELLER)).status).toBe(200);
  expect(await findSeller()).toMatchObject({ name: SELLER.name, iban: "DE02120300000000202051" });
  expect((await save(SELLER, await staffCookie("account_manager"))).code).toBe("permission_denied");
  expect((await save(SELLER, (await createPerson()).cookie)).status).toBe(404);
});

test.each([
  ["iban", { iban: "DE02120300000000202052" }],
  ["timeZone", { timeZone: "Europe/Berlinn" }],
  ["country", { country: "XQ" }],
  ["taxRates.standard", { taxRates: { standard: 10_001 } }],
  ["taxRates.standard", { taxRates: { standard: null } }],
  ["taxRates.standard", { taxRates: { reduced: 700 } }],
  ["email", { email: "nobody" }],
  ["address.lines", { address: { ...SELLER.address, lines: [] } }],
  ["prefixes.invoice", { prefixes: { invoice: "INV-1", credit_note: "CN-" } }],
  ["prefixes.credit_note", { prefixes: { invoice: "A-", credit_note: "A-" } }],
])("a wrong `%s` is refused by its name, and nothing is saved", async (param, wrong) => {
  await openShop();
  const before = await findSeller();
  const answer = await save({ ...SELLER, name: "Somebody else", ...wrong });
  expect([answer.status, answer.body.error?.param]).toEqual([400, param]);
  expect(await findSeller()).toEqual(before);
});

test("a new prefix counts for the next number, which goes on counting, and the other series stay", async () => {
  const seller = await openShop();
  const numbers = async (tx: Transaction) => (await numbersIn(tx)).map(({ kind, next }) => [kind, next]);
  const undone = new Error("for this test alone: other suites issue invoices meanwhile");
  await expect(
    forPlatform(async (tx) => {
      const [[, invoice] = [], credit] = await numbers(tx);
      await setPrefixes(tx, seller.id, { invoice: "R/" });
      expect(await numbers(tx)).toEqual([["invoice", String(invoice).replace("INV-", "R/")], credit]);
      throw undone;
    }),
  ).rejects.toBe(undone);
  await save(SELLER);
  expect((await nextNumbers()).map(({ prefix }) => prefix)).toEqual(["INV-", "CN-"]);
});

test("the checklist names every part before there is a seller, and later what was stored wrong", async () => {
  expect(missingOf(null)).toEqual(SELLER_PARTS);
  await openShop();
  const seller = await findSeller();
  expect(missingOf(seller)).toEqual([]);
  expect(seller && missingOf({ ...seller, iban: "DE00", taxRates: {}, country: "" })).toEqual([
    "letterhead",
    "iban",
    "taxRates",
  ]);
  expect(sellerSchema.safeParse(SELLER).success).toBe(true);
});
