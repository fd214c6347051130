import { boolean, integer, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import { at, day } from "./columns";
import { tenantId } from "./people";
import { ofProject } from "./projects";

/** What an hour of people and of machines, and a row that is labelled, is sold for and costs us. A row never changes; a later one replaces it. */
export const rateCard = pgTable(
  "rate_card",
  {
    code: text({ enum: ["hour", "compute_hour", "labelled_row"] }).notNull(),
    currency: text().notNull(),
    unitDecimal: text("unit_decimal").notNull(),
    costDecimal: text("cost_decimal").notNull(),
    validFrom: day("valid_from").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.code, t.currency, t.validFrom] })],
);

/** Work of our people on a project. What an hour costs is copied from the card: its later rows change no margin. */
export const timeEntries = pgTable(
  "time_entries",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    projectId: text("project_id").notNull(),
    staffId: text("staff_id").notNull(),
    day: day("day").notNull(),
    minutes: integer().notNull(),
    costDecimal: text("cost_decimal").notNull(),
    isBillable: boolean("is_billable").notNull(),
    note: text().notNull().default(""),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), ofProject(t)],
);
