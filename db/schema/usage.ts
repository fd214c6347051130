import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  numeric,
  pgTable,
  primaryKey,
  text,
} from "drizzle-orm/pg-core";
import { at, day } from "./columns";
import { tenantId } from "./people";

const meter = () =>
  text({ enum: ["inference.row", "batch.row", "training.job", "insight.report"] }).notNull();
const quantity = () => numeric({ mode: "bigint", precision: 20, scale: 0 }).notNull();
/** What whole events cost whose price was fixed before the work began, in major units of the contract's currency. */
const fixedDecimal = () => numeric("fixed_decimal", { precision: 27, scale: 12 });

/** Append only. The id is the request's, so a replayed spool changes nothing. */
export const usageEvents = pgTable(
  "usage_events",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    meter: meter(),
    quantity: quantity(),
    isBillable: boolean("is_billable").notNull(),
    /** Why it is free; null when billable. */
    reason: text(),
    model: text().notNull(),
    keyId: text("key_id"),
    userId: text("user_id"),
    route: text().notNull(),
    tokens: bigint({ mode: "number" }).notNull().default(0),
    fixedDecimal: fixedDecimal(),
    occurredAt: at("occurred_at").notNull(),
    /** What the sender's clock said, where that was the future: then it counts as received. */
    claimedAt: at("claimed_at"),
    recordedAt: at("recorded_at").notNull().defaultNow(),
    /** Whose day and period it counts to: when it occurred, or was recorded if that day was closed already. */
    countedAt: at("counted_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    check("usage_events_quantity", sql`${t.quantity} >= 0`),
    /** The order of a day's leaves. */
    index("usage_events_counted").on(t.tenantId, t.countedAt, sql`id collate "C"`),
  ],
);

/** Sums of the events, kept in the transaction that adds them. */
export const usageHours = pgTable(
  "usage_hours",
  {
    tenantId: tenantId(),
    /** Of `counted_at`. */
    hour: at("hour").notNull(),
    meter: meter(),
    model: text().notNull(),
    /** Empty where no key called. */
    keyId: text("key_id").notNull(),
    route: text().notNull(),
    /** Empty when billable. */
    reason: text().notNull(),
    /** `2026-01` where an event of that month was counted to a later one; else empty. */
    lateMonth: text("late_month").notNull(),
    events: integer().notNull(),
    quantity: quantity(),
    tokens: bigint({ mode: "number" }).notNull(),
    /** Of events with a fixed price: how much of `quantity`, and what it costs. */
    fixedQuantity: numeric("fixed_quantity", { mode: "bigint", precision: 20, scale: 0 }).notNull(),
    fixedDecimal: fixedDecimal().notNull(),
  },
  (t) => [
    primaryKey({
      columns: [t.tenantId, t.hour, t.meter, t.model, t.keyId, t.route, t.reason, t.lateMonth],
    }),
  ],
);

/** A closed day: the Merkle root of its events, chained to the day before and signed. */
export const usageDays = pgTable(
  "usage_days",
  {
    tenantId: tenantId(),
    day: day("day").notNull(),
    events: integer().notNull(),
    /** SHA-256 in hex, as the two below. */
    root: text().notNull(),
    previous: text().notNull(),
    chain: text().notNull(),
    /** Ed25519 over `chain`, and the key it was made with; base64. */
    signature: text().notNull(),
    publicKey: text("public_key").notNull(),
    sealedAt: at("sealed_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.day] })],
);
