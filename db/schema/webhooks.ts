import {
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { at } from "./columns";
import { tenantId } from "./people";

/** Where a customer is told of what happens. */
export const webhookEndpoints = pgTable(
  "webhook_endpoints",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    url: text().notNull(),
    description: text().notNull().default(""),
    /** Types that are sent; empty for all. */
    events: text().array().$type<string[]>().notNull(),
    state: text({ enum: ["enabled", "disabled"] })
      .notNull()
      .default("enabled"),
    /** Why it was disabled by us: it was gone, or never answered. */
    disabledBecause: text("disabled_because", { enum: ["gone", "exhausted"] }),
    /** Sealed: shown once, and needed to sign. */
    secret: text().notNull(),
    /** Signs beside the new one until then. */
    previousSecret: text("previous_secret"),
    previousUntil: at("previous_until"),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** What happened, written in the transaction in which it did. */
export const webhookEvents = pgTable(
  "webhook_events",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    type: text().notNull(),
    /** Ids alone: what they are of is asked for with a key. */
    data: jsonb().$type<Record<string, string>>().notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index("webhook_events_age").on(t.createdAt)],
);

export interface Attempt {
  /** ISO 8601. */
  at: string;
  /** Null when no answer came. */
  status: number | null;
  ms: number;
  error: string | null;
}

/** An event on its way to an endpoint. */
export const webhookDeliveries = pgTable(
  "webhook_deliveries",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    endpointId: text("endpoint_id").notNull(),
    eventId: text("event_id").notNull(),
    state: text({ enum: ["pending", "delivered", "failed"] })
      .notNull()
      .default("pending"),
    /** Of the schedule; the log may be longer, for what is sent again begins anew. */
    tries: integer().notNull().default(0),
    attempts: jsonb().$type<Attempt[]>().notNull().default([]),
    nextAt: at("next_at").notNull().defaultNow(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("webhook_deliveries_once").on(t.tenantId, t.endpointId, t.eventId),
    index("webhook_deliveries_due").on(t.state, t.nextAt),
    foreignKey({
      columns: [t.tenantId, t.endpointId],
      foreignColumns: [webhookEndpoints.tenantId, webhookEndpoints.id],
    }).onDelete("cascade"),
    foreignKey({
      columns: [t.tenantId, t.eventId],
      foreignColumns: [webhookEvents.tenantId, webhookEvents.id],
    }).onDelete("cascade"),
  ],
);
