import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  foreignKey,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { Buyer, LineText, Seller, TaxSum } from "@/lib/documents";
import type { Address, Meter, PriceSheet } from "@/lib/price-sheet";
import { at, day, minor } from "./columns";
import { tenantId } from "./people";
import { legalEntities, priceSheets } from "./seller";

/** Who is billed and how; the newest version counts, older ones stay with what was issued on them. */
export const billingProfiles = pgTable(
  "billing_profiles",
  {
    tenantId: tenantId(),
    version: integer().notNull(),
    legalName: text("legal_name").notNull(),
    address: jsonb().$type<Address>().notNull(),
    country: text().notNull(),
    taxId: text("tax_id"),
    taxStatus: text("tax_status", {
      enum: ["standard", "reverse_charge", "exempt", "out_of_scope"],
    }).notNull(),
    /** A person or a registry looked the tax id up; until then reverse charge is taxed as standard. */
    isTaxIdVerified: boolean("is_tax_id_verified").notNull().default(false),
    /** The one currency of the contract. */
    currency: text().notNull(),
    poNumber: text("po_number"),
    isPoRequired: boolean("is_po_required").notNull().default(false),
    termsDays: integer("terms_days").notNull().default(14),
    emails: text().array().$type<string[]>().notNull(),
    /** Of documents and mails. */
    locale: text({ enum: ["en", "zh"] })
      .notNull()
      .default("en"),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.version] })],
);

/** A plan that a tenant is on; at most one at any time. */
export const subscriptions = pgTable(
  "subscriptions",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    planId: text("plan_id").notNull(),
    priceSheetId: text("price_sheet_id")
      .notNull()
      .references(() => priceSheets.id),
    /** What this tenant pays otherwise than the sheet says. */
    overrides: jsonb().$type<Partial<PriceSheet>>().notNull().default({}),
    startsAt: at("starts_at").notNull(),
    /** Null: until something else is said. */
    endsAt: at("ends_at"),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("subscriptions_open").on(t.tenantId).where(sql`ends_at is null`),
    check("subscriptions_time", sql`${t.endsAt} is null or ${t.endsAt} > ${t.startsAt}`),
  ],
);

/** Who, to whom and what sums: copied onto each document, since what is issued does not change. */
const documentColumns = () => ({
  currency: text().notNull(),
  seller: jsonb().$type<Seller>().notNull(),
  buyer: jsonb().$type<Buyer>().notNull(),
  taxes: jsonb().$type<TaxSum[]>().notNull(),
  netMinor: minor("net_minor").notNull(),
  taxMinor: minor("tax_minor").notNull(),
  totalMinor: minor("total_minor").notNull(),
});

export const invoices = pgTable(
  "invoices",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    legalEntityId: text("legal_entity_id")
      .notNull()
      .references(() => legalEntities.id),
    /** `2026-01`: the run that made it; null for one of its own, such as a project's deposit. */
    month: text(),
    /** Null while it is a draft. */
    number: text(),
    state: text({ enum: ["draft", "issued", "part_paid", "paid", "uncollectible", "discarded"] }).notNull(),
    /** Why a draft is not issued by itself. */
    heldBecause: text("held_because"),
    ...documentColumns(),
    /** Of payments, credits and credit notes. */
    settledMinor: minor("settled_minor").notNull().default(sql`0`),
    /** Steps of dunning that were taken, and the seller's day of the last one. */
    dunningStep: integer("dunning_step").notNull().default(0),
    dunnedOn: day("dunned_on"),
    issuedAt: at("issued_at"),
    dueOn: day("due_on"),
    pdfSha256: text("pdf_sha256"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("invoices_month").on(t.tenantId, t.month).where(sql`state <> 'discarded'`),
    check("invoices_settled", sql`${t.settledMinor} between 0 and greatest(${t.totalMinor}, 0)`),
  ],
);

export const invoiceLines = pgTable(
  "invoice_lines",
  {
    tenantId: tenantId(),
    invoiceId: text("invoice_id").notNull(),
    /** What it is for, once an invoice: `sub_1/2026-01-01/inference.row/0`. */
    key: text().notNull(),
    place: integer().notNull(),
    text: jsonb().$type<LineText>().notNull(),
    quantity: numeric({ mode: "bigint", precision: 20, scale: 0 }).notNull(),
    /** As on the price sheet or the quote. */
    unitDecimal: text("unit_decimal").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    taxCode: text("tax_code").notNull(),
    rateBp: integer("rate_bp").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.invoiceId, t.key] }),
    foreignKey({
      columns: [t.tenantId, t.invoiceId],
      foreignColumns: [invoices.tenantId, invoices.id],
    }).onDelete("cascade"),
  ],
);

/** What corrects an issued invoice, in whole or in part; a document of its own series. */
export const creditNotes = pgTable(
  "credit_notes",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    invoiceId: text("invoice_id").notNull(),
    number: text().notNull(),
    ...documentColumns(),
    reason: text().notNull(),
    createdBy: text("created_by").notNull(),
    issuedAt: at("issued_at").notNull(),
    pdfSha256: text("pdf_sha256"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.invoiceId], foreignColumns: [invoices.tenantId, invoices.id] }),
  ],
);

/** How much of which line is taken back. */
export const creditNoteLines = pgTable(
  "credit_note_lines",
  {
    tenantId: tenantId(),
    creditNoteId: text("credit_note_id").notNull(),
    /** Of the invoice's line. */
    key: text().notNull(),
    amountMinor: minor("amount_minor").notNull(),
    taxCode: text("tax_code").notNull(),
    rateBp: integer("rate_bp").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.creditNoteId, t.key] }),
    foreignKey({
      columns: [t.tenantId, t.creditNoteId],
      foreignColumns: [creditNotes.tenantId, creditNotes.id],
    }).onDelete("cascade"),
  ],
);

/** Money that came in. A provider's id is there once, whatever its webhooks repeat. */
export const payments = pgTable(
  "payments",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    provider: text({ enum: ["bank", "stripe"] }).notNull(),
    providerId: text("provider_id").notNull(),
    currency: text().notNull(),
    amountMinor: minor("amount_minor").notNull(),
    receivedOn: day("received_on").notNull(),
    recordedBy: text("recorded_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("payments_provider").on(t.tenantId, t.provider, t.providerId),
    check("payments_amount", sql`${t.amountMinor} > 0`),
  ],
);

/** Money before tax that lessens what the next months cost: granted by staff, or bought and live once it is paid. */
export const credits = pgTable(
  "credits",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    kind: text({ enum: ["granted", "bought"] }).notNull(),
    reason: text().notNull(),
    currency: text().notNull(),
    amountMinor: minor("amount_minor").notNull(),
    /** `2026-03`, the last month that it lessens; null: until it is used up. */
    throughMonth: text("through_month"),
    /** From when it counts; null while what it was bought for is not paid. */
    liveAt: at("live_at"),
    /** Of a bought one: the invoice that sold it. */
    invoiceId: text("invoice_id"),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("credits_invoice").on(t.tenantId, t.invoiceId),
    foreignKey({ columns: [t.tenantId, t.invoiceId], foreignColumns: [invoices.tenantId, invoices.id] }),
    check("credits_amount", sql`${t.amountMinor} >= 0`),
  ],
);

/** What an invoice took of a credit. */
export const creditUses = pgTable(
  "credit_uses",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    creditId: text("credit_id").notNull(),
    invoiceId: text("invoice_id").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("credit_uses_once").on(t.tenantId, t.creditId, t.invoiceId),
    foreignKey({ columns: [t.tenantId, t.creditId], foreignColumns: [credits.tenantId, credits.id] }),
    foreignKey({ columns: [t.tenantId, t.invoiceId], foreignColumns: [invoices.tenantId, invoices.id] }),
    check("credit_uses_amount", sql`${t.amountMinor} > 0`),
  ],
);

/** Money that a provider took back or is asked to: staff settle what follows, by a credit note or by asking again. */
export const paymentReversals = pgTable(
  "payment_reversals",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    paymentId: text("payment_id").notNull(),
    kind: text({ enum: ["refund", "dispute"] }).notNull(),
    /** The provider's own id, there once whatever its webhooks repeat. */
    providerId: text("provider_id").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("payment_reversals_provider").on(t.tenantId, t.providerId),
    foreignKey({ columns: [t.tenantId, t.paymentId], foreignColumns: [payments.tenantId, payments.id] }),
  ],
);

/** Which invoice was settled by what; what is left of a payment or a credit note settles the next ones. */
export const settlements = pgTable(
  "settlements",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    invoiceId: text("invoice_id").notNull(),
    paymentId: text("payment_id"),
    creditNoteId: text("credit_note_id"),
    amountMinor: minor("amount_minor").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({ columns: [t.tenantId, t.paymentId], foreignColumns: [payments.tenantId, payments.id] }),
    foreignKey({
      columns: [t.tenantId, t.creditNoteId],
      foreignColumns: [creditNotes.tenantId, creditNotes.id],
    }),
    foreignKey({ columns: [t.tenantId, t.invoiceId], foreignColumns: [invoices.tenantId, invoices.id] }),
    check("settlements_amount", sql`${t.amountMinor} > 0`),
    check("settlements_source", sql`num_nonnulls(${t.paymentId}, ${t.creditNoteId}) = 1`),
  ],
);

/** A time of one subscription that is billed as a whole: a UTC month, or a part of one. */
export const billingPeriods = pgTable(
  "billing_periods",
  {
    tenantId: tenantId(),
    subscriptionId: text("subscription_id").notNull(),
    startsAt: at("starts_at").notNull(),
    endsAt: at("ends_at").notNull(),
    /** When a run dealt with it; without an invoice there was nothing to bill. */
    closedAt: at("closed_at"),
    invoiceId: text("invoice_id"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.subscriptionId, t.startsAt] }),
    foreignKey({
      columns: [t.tenantId, t.subscriptionId],
      foreignColumns: [subscriptions.tenantId, subscriptions.id],
    }).onDelete("cascade"),
    foreignKey({ columns: [t.tenantId, t.invoiceId], foreignColumns: [invoices.tenantId, invoices.id] }),
  ],
);

/** What a calendar month may come to: from `soft` on people are told, at `hard` calls are refused. */
export const budgets = pgTable(
  "budgets",
  {
    tenantId: tenantId(),
    softMinor: minor("soft_minor"),
    hardMinor: minor("hard_minor"),
    updatedBy: text("updated_by").notNull(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId] }),
    check("budgets_amounts", sql`${t.softMinor} >= 0 and ${t.hardMinor} >= 0`),
    check("budgets_any", sql`num_nonnulls(${t.softMinor}, ${t.hardMinor}) > 0`),
  ],
);

/** The same for one key or one model, in billable rows: what a part of a graduated price comes to depends on the rest. */
export const rowLimits = pgTable(
  "row_limits",
  {
    tenantId: tenantId(),
    scope: text({ enum: ["key", "model"] }).notNull(),
    /** A key's id, or a model's name. */
    subject: text().notNull(),
    softRows: bigint("soft_rows", { mode: "bigint" }),
    hardRows: bigint("hard_rows", { mode: "bigint" }),
    updatedBy: text("updated_by").notNull(),
    updatedAt: at("updated_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.scope, t.subject] }),
    check("row_limits_rows", sql`${t.softRows} >= 0 and ${t.hardRows} >= 0`),
    check("row_limits_any", sql`num_nonnulls(${t.softRows}, ${t.hardRows}) > 0`),
  ],
);

/** That people were told of a limit in a month, once. */
export const limitNotices = pgTable(
  "limit_notices",
  {
    tenantId: tenantId(),
    /** `2026-01`. */
    month: text().notNull(),
    scope: text({ enum: ["tenant", "key", "model"] }).notNull(),
    subject: text().notNull(),
    kind: text({ enum: ["soft", "hard"] }).notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.month, t.scope, t.subject, t.kind] })],
);

/** Rows that a serving process may answer within a limit; they are its own until it records them or is gone. */
export const budgetLeases = pgTable(
  "budget_leases",
  {
    tenantId: tenantId(),
    scope: text({ enum: ["tenant", "key", "model"] }).notNull(),
    subject: text().notNull(),
    holder: text().notNull(),
    /** What the rows are billed as. */
    meter: text().$type<Meter>().notNull().default("inference.row"),
    units: numeric({ mode: "bigint", precision: 20, scale: 0 }).notNull(),
    expiresAt: at("expires_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.scope, t.subject, t.holder] })],
);
