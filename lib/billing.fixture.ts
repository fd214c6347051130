import { saveProfile } from "./billing-profiles";
import { unique } from "./people.fixture";
import { addPriceSheet, savePlan } from "./plans";
import type { PriceSheet } from "./price-sheet";
import { saveSeller } from "./seller";
import { createTenant } from "./tenants";
import { recordUsage, type UsageEvent } from "./usage";

/** For tests and benches: somebody who sells, something to buy, somebody who buys it and uses it. */

const ADDRESS = { lines: ["Lange Strasse 1"], postcode: "10115", city: "Berlin" };

export const openShop = () =>
  saveSeller(
    {
      name: "Graft Test GmbH",
      address: ADDRESS,
      country: "DE",
      taxId: "DE123456789",
      iban: "DE02120300000000202051",
      email: "billing@graft.test",
      timeZone: "Europe/Berlin",
      taxRates: { standard: 1900 },
      termsVersion: "2026-01",
    },
    "test",
  );

export async function offer(planId: string, sheet: PriceSheet, currency = "EUR", from = "2020-01-01") {
  await savePlan({ id: planId, name: planId, isPublic: false });
  return addPriceSheet(planId, { currency, sheet, effectiveFrom: from }, "test");
}

type ProfileInput = Parameters<typeof saveProfile>[1];
export const profile = (more: Partial<ProfileInput> = {}): ProfileInput => ({
  legalName: "Buyer AG",
  address: ADDRESS,
  country: "DE",
  taxId: null,
  taxStatus: "standard",
  currency: "EUR",
  poNumber: null,
  isPoRequired: false,
  termsDays: 14,
  emails: ["accounts@buyer.test"],
  locale: "en",
  ...more,
});

export async function createBuyer(more: Partial<ProfileInput> = {}): Promise<string> {
  const { tenantId } = await createTenant({
    name: unique("Buyer"),
    email: `${unique("buyer")}@billing.test`,
  });
  await saveProfile(tenantId, profile(more), "test");
  return tenantId;
}

let events = 0;
/** One event; recorded a minute after it occurred unless told otherwise. */
export async function use(
  tenantId: string,
  occurredAt: string,
  quantity: number,
  { recordedAt, ...more }: Partial<UsageEvent> & { recordedAt?: string } = {},
): Promise<void> {
  const event: UsageEvent = {
    tenantId,
    id: `req_${events++}`,
    meter: "inference.row",
    quantity,
    isBillable: true,
    reason: null,
    model: "ft:base:buyer::1",
    keyId: "key_1",
    userId: null,
    route: "/v1/predictions",
    tokens: 0,
    occurredAt,
    ...more,
  };
  await recordUsage([event], recordedAt ? new Date(recordedAt) : new Date(Date.parse(occurredAt) + 60_000));
}
