import { boolean, index, integer, jsonb, pgTable, primaryKey, text } from "drizzle-orm/pg-core";
import type { Backend } from "@/lib/ml/contract";
import { at } from "./columns";

/** People and sessions belong to the platform: one person may be a member of several tenants. */
export const users = pgTable("users", {
  id: text().primaryKey(),
  /** Lower case. */
  email: text().notNull().unique(),
  name: text().notNull(),
  /** Argon2id in PHC form; null for people who only sign in through their company's identity provider. */
  passwordHash: text("password_hash"),
  emailConfirmedAt: at("email_confirmed_at"),
  disabledAt: at("disabled_at"),
  createdAt: at("created_at").notNull().defaultNow(),
});

export interface PendingSignUp {
  name: string;
  organisation: string;
  passwordHash: string;
}

export const userTokens = pgTable("user_tokens", {
  id: text().primaryKey(),
  userId: text("user_id")
    .notNull()
    .references(() => users.id, { onDelete: "cascade" }),
  kind: text({ enum: ["confirm", "reset"] }).notNull(),
  tokenHash: text("token_hash").notNull().unique(),
  /** What a sign-up asked for; it takes effect when its own link is used, so nobody can plant a password. */
  data: jsonb().$type<PendingSignUp>(),
  expiresAt: at("expires_at").notNull(),
  usedAt: at("used_at"),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const sessions = pgTable(
  "sessions",
  {
    /** SHA-256 of the random id in the cookie's token. */
    id: text().primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    createdAt: at("created_at").notNull().defaultNow(),
    expiresAt: at("expires_at").notNull(),
    revokedAt: at("revoked_at"),
  },
  (t) => [index("sessions_user").on(t.userId)],
);

export const staff = pgTable("staff", {
  userId: text("user_id")
    .primaryKey()
    .references(() => users.id, { onDelete: "cascade" }),
  role: text({ enum: ["account_manager", "operator"] }).notNull(),
  createdAt: at("created_at").notNull().defaultNow(),
});

export const inquiries = pgTable("inquiries", {
  id: text().primaryKey(),
  way: text({ enum: ["call", "custom", "insight"] }).notNull(),
  name: text().notNull(),
  email: text().notNull(),
  company: text().notNull(),
  message: text().notNull(),
  /** The prospect that it became, and the project there; null in inquiries from before there were any. */
  tenantSlug: text("tenant_slug"),
  projectId: text("project_id"),
  /** The member of staff who answers it; null while nobody does. */
  takenBy: text("taken_by"),
  createdAt: at("created_at").notNull().defaultNow(),
});

/** The outbox: written in the transaction that needs the mail, sent by the worker when SMTP is set. */
export const mails = pgTable("mails", {
  id: text().primaryKey(),
  toEmail: text("to_email").notNull(),
  subject: text().notNull(),
  body: text().notNull(),
  /** The invoice or the credit note whose PDF goes along; it is read when the mail is sent. */
  invoice: jsonb().$type<{ tenantId: string; id: string }>(),
  creditNote: jsonb("credit_note").$type<{ tenantId: string; id: string }>(),
  createdAt: at("created_at").notNull().defaultNow(),
  sentAt: at("sent_at"),
  error: text(),
});

/** The operator's switches, one row a name. */
export const settings = pgTable("settings", { name: text().primaryKey(), value: jsonb().notNull() });

/** Worker processes that live: each renews its row; one that is silent is gone. */
export const workers = pgTable("workers", {
  id: text().primaryKey(),
  host: text().notNull(),
  /** What its trainings compute with; null until it was found out. */
  backend: jsonb().$type<Backend>(),
  startedAt: at("started_at").notNull().defaultNow(),
  seenAt: at("seen_at").notNull().defaultNow(),
});

export const tenants = pgTable("tenants", {
  id: text().primaryKey(),
  /** Immutable: it is part of model names. */
  slug: text().notNull().unique(),
  name: text().notNull(),
  state: text({ enum: ["prospect", "active", "past_due", "suspended", "closed"] })
    .notNull()
    .default("active"),
  settings: jsonb()
    .$type<{
      storePredictions?: boolean;
      requestsPerMinute?: number;
      tokensPerMinute?: number;
      callsRefused?: boolean;
    }>()
    .notNull()
    .default({}),
  createdAt: at("created_at").notNull().defaultNow(),
});

/** The column that makes a table a tenant's: db/tenant.ts and row-level security go by it. */
export const tenantId = () =>
  text("tenant_id")
    .notNull()
    .references(() => tenants.id, { onDelete: "cascade" });

export const assignments = pgTable(
  "assignments",
  {
    tenantId: tenantId(),
    staffId: text("staff_id")
      .notNull()
      .references(() => staff.userId, { onDelete: "cascade" }),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.staffId] }), index("assignments_staff").on(t.staffId)],
);

export const members = pgTable(
  "members",
  {
    tenantId: tenantId(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id, { onDelete: "cascade" }),
    role: text({ enum: ["owner", "admin", "member", "viewer", "tester"] }).notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.userId] }), index("members_user").on(t.userId)],
);

export const invitations = pgTable(
  "invitations",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    email: text().notNull(),
    role: text({ enum: ["owner", "admin", "member", "viewer", "tester"] }).notNull(),
    tokenHash: text("token_hash").notNull(),
    invitedBy: text("invited_by").notNull(),
    expiresAt: at("expires_at").notNull(),
    acceptedAt: at("accepted_at"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index("invitations_token").on(t.tokenHash)],
);

export const apiKeys = pgTable(
  "api_keys",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    name: text().notNull(),
    /** SHA-256 of the whole key, hex. The key itself is shown once and never stored. */
    hash: text().notNull(),
    /** The first characters, to recognise a key in a list. */
    start: text().notNull(),
    scopes: text().array().$type<string[]>().notNull(),
    /** A key of the platform's own, for probes: never listed, never billed. */
    isInternal: boolean("is_internal").notNull().default(false),
    /** Of this key alone, beside what the organisation may; null for no limit of its own. */
    requestsPerMinute: integer("requests_per_minute"),
    tokensPerMinute: integer("tokens_per_minute"),
    createdBy: text("created_by"),
    expiresAt: at("expires_at"),
    revokedAt: at("revoked_at"),
    lastUsedAt: at("last_used_at"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index("api_keys_hash").on(t.hash)],
);

export const auditEvents = pgTable(
  "audit_events",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    /** A user id, a key id, or `system`. */
    actor: text().notNull(),
    action: text().notNull(),
    target: text().notNull(),
    data: jsonb().$type<Record<string, unknown>>().notNull().default({}),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);
