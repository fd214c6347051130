import { sql } from "drizzle-orm";
import {
  type AnyPgColumn,
  bigserial,
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
import type { Acceptance, Brief, QuoteDocument, RemedyDocument } from "@/lib/scope";
import { at, day, minor } from "./columns";
import { tenantId } from "./people";

/** A customised engagement, from the first wish to maintenance. */
export const projects = pgTable(
  "projects",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    title: text().notNull(),
    state: text({
      enum: ["inquiry", "scoping", "active", "maintenance", "paused", "closed", "lost"],
    }).notNull(),
    /** Where a paused project goes on, and why it does not. */
    pausedFrom: text("paused_from", { enum: ["scoping", "active", "maintenance"] }),
    pausedBecause: text("paused_because"),
    ownerStaffId: text("owner_staff_id"),
    inquiryId: text("inquiry_id"),
    brief: jsonb().$type<Brief>().notNull().default({}),
    /** What the customer showed: the sample that is looked at and quoted on. */
    datasetId: text("dataset_id"),
    /** When it was closed, or lost. */
    endedAt: at("ended_at"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** Rows of a project go with it. */
export const ofProject = (t: { tenantId: AnyPgColumn; projectId: AnyPgColumn }) =>
  foreignKey({
    columns: [t.tenantId, t.projectId],
    foreignColumns: [projects.tenantId, projects.id],
  }).onDelete("cascade");

/** What happened, newest last; some of it is for staff alone. */
export const projectEvents = pgTable(
  "project_events",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    projectId: text("project_id").notNull(),
    /** Order: events of one transaction have one time. */
    seq: bigserial({ mode: "number" }).notNull(),
    isInternal: boolean("is_internal").notNull(),
    /** `comment`, or what changed: `quote.sent`, `milestone.passed` ... */
    kind: text().notNull(),
    actor: text().notNull(),
    body: text().notNull().default(""),
    data: jsonb().$type<Record<string, string>>().notNull().default({}),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), ofProject(t)],
);

/** What either side attached: a specification, a contract. Bytes lie in storage. */
export const projectFiles = pgTable(
  "project_files",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    projectId: text("project_id").notNull(),
    name: text().notNull(),
    bytes: integer().notNull(),
    sha256: text().notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), ofProject(t)],
);

/** A member of staff may see rows of one dataset version: asked for, then allowed by the customer for some days. */
export const accessGrants = pgTable(
  "access_grants",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    projectId: text("project_id").notNull(),
    staffId: text("staff_id").notNull(),
    versionId: text("version_id").notNull(),
    reason: text().notNull(),
    days: integer().notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    grantedBy: text("granted_by"),
    expiresAt: at("expires_at"),
    /** Denied before it was granted, or taken back. */
    endedBy: text("ended_by"),
    endedAt: at("ended_at"),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), ofProject(t)],
);

/** One version of an offer. What was sent does not change; another version follows it. */
export const quotes = pgTable(
  "quotes",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    projectId: text("project_id").notNull(),
    version: integer().notNull(),
    state: text({
      enum: ["draft", "sent", "accepted", "declined", "expired", "withdrawn", "superseded"],
    }).notNull(),
    currency: text().notNull(),
    validUntil: day("valid_until").notNull(),
    /** The whole offer as it was sent, and the hash of its canonical form that is signed; null in a draft. */
    document: jsonb().$type<QuoteDocument>(),
    sha256: text(),
    /** Who allowed a discount above the limit. */
    approvedBy: text("approved_by"),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    sentAt: at("sent_at"),
    decidedAt: at("decided_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("quotes_version").on(t.tenantId, t.projectId, t.version),
    ofProject(t),
  ],
);

export const quoteLines = pgTable(
  "quote_lines",
  {
    tenantId: tenantId(),
    quoteId: text("quote_id").notNull(),
    key: text().notNull(),
    place: integer().notNull(),
    kind: text({ enum: ["fixed", "time", "training", "retainer"] }).notNull(),
    title: text().notNull(),
    quantity: numeric({ mode: "bigint", precision: 20, scale: 0 }).notNull(),
    unitDecimal: text("unit_decimal").notNull(),
    discountBp: integer("discount_bp").notNull(),
    amountMinor: minor("amount_minor").notNull(),
    /** The milestone that makes it due; null: due with the signature, such as a deposit. */
    milestoneKey: text("milestone_key"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.quoteId, t.key] }),
    foreignKey({
      columns: [t.tenantId, t.quoteId],
      foreignColumns: [quotes.tenantId, quotes.id],
    }).onDelete("cascade"),
  ],
);

export const milestones = pgTable(
  "milestones",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    projectId: text("project_id").notNull(),
    /** The version that agreed on it last. */
    quoteId: text("quote_id").notNull(),
    key: text().notNull(),
    title: text().notNull(),
    state: text({
      enum: [
        "planned",
        "in_progress",
        "submitted",
        "passed",
        "missed",
        "accepted",
        "waived",
        "cancelled",
        "invoiced",
      ],
    }).notNull(),
    dueOn: day("due_on").notNull(),
    /** Null where a person alone says that it is reached. */
    acceptance: jsonb().$type<Acceptance>(),
    /** When silence is acceptance. */
    reviewEndsAt: at("review_ends_at"),
    /** When the customer took it, or did without. */
    decidedAt: at("decided_at"),
    /** What is being measured while the milestone is `submitted`, and who asked for it. */
    submittedModelId: text("submitted_model_id"),
    submittedBy: text("submitted_by"),
    invoiceId: text("invoice_id"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("milestones_key").on(t.tenantId, t.projectId, t.key),
    ofProject(t),
  ],
);

/** How a missed milestone ends by agreement: staff propose it, the customer signs it or does not. */
export const remedies = pgTable(
  "remedies",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    projectId: text("project_id").notNull(),
    milestoneId: text("milestone_id").notNull(),
    state: text({ enum: ["proposed", "accepted", "declined", "withdrawn"] }).notNull(),
    /** What is proposed, and the hash of its canonical form that is signed. */
    document: jsonb().$type<RemedyDocument>().notNull(),
    sha256: text().notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    decidedAt: at("decided_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("remedies_open").on(t.tenantId, t.milestoneId).where(sql`state = 'proposed'`),
    ofProject(t),
    foreignKey({
      columns: [t.tenantId, t.milestoneId],
      foreignColumns: [milestones.tenantId, milestones.id],
    }).onDelete("cascade"),
  ],
);

/** Who accepted which bytes, when and from where: a quote's or a remedy's, each once. */
export const signatures = pgTable(
  "signatures",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    quoteId: text("quote_id"),
    remedyId: text("remedy_id"),
    userId: text("user_id").notNull(),
    name: text().notNull(),
    address: text().notNull(),
    sha256: text().notNull(),
    signedAt: at("signed_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("signatures_quote").on(t.tenantId, t.quoteId),
    uniqueIndex("signatures_remedy").on(t.tenantId, t.remedyId),
    check("signatures_one", sql`num_nonnulls(${t.quoteId}, ${t.remedyId}) = 1`),
    foreignKey({ columns: [t.tenantId, t.quoteId], foreignColumns: [quotes.tenantId, quotes.id] }),
    foreignKey({ columns: [t.tenantId, t.remedyId], foreignColumns: [remedies.tenantId, remedies.id] }),
  ],
);

/** A model measured on the acceptance set; every one counts against the most that were agreed. */
export const acceptanceRuns = pgTable(
  "acceptance_runs",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    milestoneId: text("milestone_id").notNull(),
    number: integer().notNull(),
    modelId: text("model_id").notNull(),
    value: numeric({ precision: 12, scale: 9 }).notNull(),
    low: numeric({ precision: 12, scale: 9 }).notNull(),
    high: numeric({ precision: 12, scale: 9 }).notNull(),
    rows: integer().notNull(),
    /** Rows of the set that the model was taught, and that therefore did not count. */
    excluded: integer().notNull().default(0),
    hasPassed: boolean("has_passed").notNull(),
    /** The run whose labels the customer contested, and what they said: the same answers, judged again. */
    contestOf: text("contest_of"),
    contested: jsonb().$type<{ line: number; label: string }[]>(),
    /** Aggregates alone: staff see no row. */
    perClass: jsonb("per_class").$type<{ label: string; rows: number; recall: number }[]>().notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("acceptance_runs_number").on(t.tenantId, t.milestoneId, t.number),
    foreignKey({
      columns: [t.tenantId, t.milestoneId],
      foreignColumns: [milestones.tenantId, milestones.id],
    }).onDelete("cascade"),
  ],
);

/** Months of a retainer that are on an invoice. */
export const retainerMonths = pgTable(
  "retainer_months",
  {
    tenantId: tenantId(),
    projectId: text("project_id").notNull(),
    /** Of the quote's line. */
    key: text().notNull(),
    month: text().notNull(),
    invoiceId: text("invoice_id").notNull(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.projectId, t.key, t.month] }), ofProject(t)],
);
