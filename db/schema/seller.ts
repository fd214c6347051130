import { boolean, integer, jsonb, pgTable, primaryKey, text, uniqueIndex } from "drizzle-orm/pg-core";
import type { Address, PriceSheet } from "@/lib/price-sheet";
import { at, day } from "./columns";

/** Who sells: the letterhead of documents. Changed rows count for new documents; issued ones keep a copy. */
export const legalEntities = pgTable("legal_entities", {
  id: text().primaryKey(),
  name: text().notNull(),
  address: jsonb().$type<Address>().notNull(),
  /** ISO 3166-1 alpha-2. */
  country: text().notNull(),
  taxId: text("tax_id").notNull(),
  iban: text().notNull(),
  email: text().notNull(),
  /** Due dates and how long quotes are valid are days of this zone. */
  timeZone: text("time_zone").notNull(),
  /** Hundredths of a percent by tax code: `{"standard": 1900}`. */
  taxRates: jsonb("tax_rates").$type<Record<string, number>>().notNull(),
  termsVersion: text("terms_version").notNull(),
  createdAt: at("created_at").notNull().defaultNow(),
});

/** The next number of a series; locked by whoever issues, so that a series has no gaps. */
export const numberSeries = pgTable(
  "number_series",
  {
    legalEntityId: text("legal_entity_id")
      .notNull()
      .references(() => legalEntities.id),
    kind: text({ enum: ["invoice", "credit_note", "quote"] }).notNull(),
    prefix: text().notNull(),
    nextNo: integer("next_no").notNull().default(1),
  },
  (t) => [primaryKey({ columns: [t.legalEntityId, t.kind] })],
);

export const plans = pgTable("plans", {
  id: text().primaryKey(),
  name: text().notNull(),
  /** Whether the front door shows it. */
  isPublic: boolean("is_public").notNull().default(true),
  createdAt: at("created_at").notNull().defaultNow(),
});

/** What a plan costs from a day on. Rows do not change: a subscription pins the one that it began with. */
export const priceSheets = pgTable(
  "price_sheets",
  {
    id: text().primaryKey(),
    planId: text("plan_id")
      .notNull()
      .references(() => plans.id),
    currency: text().notNull(),
    sheet: jsonb().$type<PriceSheet>().notNull(),
    effectiveFrom: day("effective_from").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [uniqueIndex("price_sheets_from").on(t.planId, t.currency, t.effectiveFrom)],
);
