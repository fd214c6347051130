import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  doublePrecision,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  real,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import { at } from "./columns";
import { tenantId } from "./people";
import { models } from "./work";

/** Answers that are given again to who asks again with the same key. */
export const idempotencyKeys = pgTable(
  "idempotency_keys",
  {
    tenantId: tenantId(),
    /** `POST /v1/predictions` */
    scope: text().notNull(),
    key: text().notNull(),
    /** SHA-256 of the request. */
    fingerprint: text().notNull(),
    /** Until then whoever began it is taken to be still at it. */
    heldUntil: at("held_until").notNull(),
    /** Null while it runs. */
    status: integer(),
    headers: jsonb().$type<Record<string, string>>(),
    /** In base64: some answers are binary. */
    body: text(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.scope, t.key] }),
    index("idempotency_keys_age").on(t.createdAt),
  ],
);

/** What was taken of a minute's quota, by all serving processes; each takes slices and counts within them by itself. */
export const rateWindows = pgTable(
  "rate_windows",
  {
    tenantId: tenantId(),
    /** A key's id; empty for the whole organisation. */
    subject: text().notNull(),
    startsAt: at("starts_at").notNull(),
    requests: bigint({ mode: "number" }).notNull().default(0),
    tokens: bigint({ mode: "number" }).notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.subject, t.startsAt] }),
    index("rate_windows_age").on(t.startsAt),
  ],
);

/** Serving processes that live: each renews its row. */
export const serveProcesses = pgTable("serve_processes", {
  id: text().primaryKey(),
  seenAt: at("seen_at").notNull().defaultNow(),
});

/** A stable name that callers use, and which versions answer under it. */
export const deployments = pgTable(
  "deployments",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    name: text().notNull(),
    task: text().notNull(),
    modelId: text("model_id").notNull(),
    /** Of the version's adapter, from 0 to 1; null: as chosen out of fold. */
    strength: doublePrecision(),
    /** What answered before the last promotion: where a roll back leads, to the strength that it had. */
    previousModelId: text("previous_model_id"),
    previousStrength: doublePrecision("previous_strength"),
    /** Answers so many calls of a hundred. */
    canaryModelId: text("canary_model_id"),
    canaryPercent: integer("canary_percent"),
    /** Asked everything, silently. */
    shadowModelId: text("shadow_model_id"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("deployments_name").on(t.tenantId, t.name),
    foreignKey({ columns: [t.tenantId, t.modelId], foreignColumns: [models.tenantId, models.id] }),
    check(
      "deployments_canary",
      sql`(${t.canaryModelId} is null) = (${t.canaryPercent} is null) and ${t.canaryPercent} between 1 and 99`,
    ),
    check(
      "deployments_strength",
      sql`${t.strength} between 0 and 1 and ${t.previousStrength} between 0 and 1`,
    ),
  ],
);

export const DEPLOYMENT_CHANGES = [
  "created",
  "promoted",
  "rolled_back",
  "canary",
  "shadow",
  "strength",
] as const;

/** Who had which version answer, append only. */
export const deploymentChanges = pgTable(
  "deployment_changes",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    deploymentId: text("deployment_id").notNull(),
    kind: text({ enum: DEPLOYMENT_CHANGES }).notNull(),
    /** What answers, stays or is tried from now on; null where a canary or a shadow ended. */
    modelId: text("model_id"),
    percent: integer(),
    /** That the version answers at from now on; null: as chosen out of fold. */
    strength: doublePrecision(),
    /** Promoted although saved examples failed. */
    isForced: boolean("is_forced").notNull().default(false),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({
      columns: [t.tenantId, t.deploymentId],
      foreignColumns: [deployments.tenantId, deployments.id],
    }).onDelete("cascade"),
    index("deployment_changes_of").on(t.tenantId, t.deploymentId, t.id),
  ],
);

/** How often a shadow answered what, where the answering version said what. Answers of labels are named, others are not kept. */
export const shadowCounts = pgTable(
  "shadow_counts",
  {
    tenantId: tenantId(),
    deploymentId: text("deployment_id").notNull(),
    modelId: text("model_id").notNull(),
    shadowModelId: text("shadow_model_id").notNull(),
    answered: text().notNull(),
    shadowed: text().notNull(),
    isSame: boolean("is_same").notNull(),
    rows: bigint({ mode: "number" }).notNull(),
  },
  (t) => [
    primaryKey({
      columns: [t.tenantId, t.deploymentId, t.modelId, t.shadowModelId, t.answered, t.shadowed, t.isSame],
    }),
    foreignKey({
      columns: [t.tenantId, t.deploymentId],
      foreignColumns: [deployments.tenantId, deployments.id],
    }).onDelete("cascade"),
  ],
);

/** A question with its right answer, which a version must give before it is promoted. */
export const savedExamples = pgTable(
  "saved_examples",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    deploymentId: text("deployment_id").notNull(),
    input: jsonb().notNull(),
    expected: text().notNull(),
    /** How far a number may be from the expected one. */
    tolerance: real(),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({
      columns: [t.tenantId, t.deploymentId],
      foreignColumns: [deployments.tenantId, deployments.id],
    }).onDelete("cascade"),
  ],
);

/** What people said of answers: an answer is one index of one prediction, and said of it last is what counts. */
export const feedback = pgTable(
  "feedback",
  {
    tenantId: tenantId(),
    predictionId: text("prediction_id").notNull(),
    index: integer().notNull(),
    model: text().notNull(),
    isCorrect: boolean("is_correct").notNull(),
    label: text(),
    /** Only where it was sent along, which is consent for this row. */
    input: jsonb(),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.predictionId, t.index] }),
    index("feedback_model").on(t.tenantId, t.model, t.createdAt),
  ],
);

export interface BatchError {
  code: string;
  message: string;
  param: string | null;
  line: number | null;
}

export const BATCH_STATES = [
  "validating",
  "failed",
  "in_progress",
  "finalizing",
  "completed",
  "expired",
  "cancelling",
  "cancelled",
] as const;

/** Many questions in one file, answered when there is room. */
export const batches = pgTable(
  "batches",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    endpoint: text().notNull(),
    inputFileId: text("input_file_id").notNull(),
    /** Rows of a table instead of requests: which model reads which columns. */
    table: jsonb("table").$type<{ model: string; columns: Record<string, string> }>(),
    state: text({ enum: BATCH_STATES }).notNull(),
    metadata: jsonb().$type<Record<string, string>>(),
    errors: jsonb().$type<BatchError[]>().notNull().default([]),
    total: integer().notNull().default(0),
    completed: integer().notNull().default(0),
    failed: integer().notNull().default(0),
    /** Requests that are answered and billed; where it goes on. */
    done: integer().notNull().default(0),
    /** When each state began, by its name. */
    times: jsonb().$type<Record<string, number>>().notNull().default({}),
    outputFileId: text("output_file_id"),
    errorFileId: text("error_file_id"),
    /** Who works on it, and until when nobody else does. */
    holder: text(),
    heldUntil: at("held_until"),
    keyId: text("key_id"),
    userId: text("user_id"),
    expiresAt: at("expires_at").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index("batches_open").on(t.state, t.createdAt)],
);
