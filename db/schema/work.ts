import { sql } from "drizzle-orm";
import {
  bigint,
  bigserial,
  boolean,
  customType,
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import {
  type CheckReport,
  type ColumnMap,
  type Correction,
  type FileProfile,
  type ModelReport,
  type Reading,
  readReport,
} from "@/lib/ml/contract";
import { at } from "./columns";
import { tenantId } from "./people";

/** Reports outlive the versions that wrote them: each is read as what reports are today. */
const modelReport = customType<{ data: ModelReport; driverData: ModelReport | string }>({
  dataType: () => "jsonb",
  toDriver: (report) => JSON.stringify(report),
  fromDriver: (stored) => readReport(stored as ModelReport),
});

/** Raw bytes as the customer sent them, at `{tenant}/files/{id}` in storage. */
export const files = pgTable(
  "files",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    filename: text().notNull(),
    purpose: text().notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    sha256: text().notNull(),
    status: text({ enum: ["uploaded", "processed", "error"] })
      .notNull()
      .default("uploaded"),
    statusDetails: text("status_details"),
    errorCode: text("error_code"),
    /** What a person said about how to read the bytes; inspection finds the rest. */
    reading: jsonb().$type<Partial<Reading>>().notNull().default({}),
    profile: jsonb().$type<FileProfile>(),
    /** The report of a check with the guessed columns; null while it runs. */
    validation: jsonb().$type<CheckReport>(),
    createdBy: text("created_by").notNull(),
    expiresAt: at("expires_at"),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), index("files_created").on(t.tenantId, t.createdAt)],
);

/** A file that arrives in parts, in any order; it is one when it is completed. */
export const uploads = pgTable(
  "uploads",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    filename: text().notNull(),
    purpose: text().notNull(),
    /** As announced; the parts must come to it. */
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    state: text({ enum: ["pending", "completed", "cancelled", "expired"] }).notNull(),
    /** Chosen beforehand, so that completing twice is one file. */
    fileId: text("file_id").notNull(),
    fileExpiresAfter: integer("file_expires_after"),
    createdBy: text("created_by").notNull(),
    expiresAt: at("expires_at").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

export const uploadParts = pgTable(
  "upload_parts",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    uploadId: text("upload_id").notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    foreignKey({
      columns: [t.tenantId, t.uploadId],
      foreignColumns: [uploads.tenantId, uploads.id],
    }).onDelete("cascade"),
  ],
);

/** A named line of versions. */
export const datasets = pgTable(
  "datasets",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    name: text().notNull(),
    task: text().notNull(),
    /** True once a first training froze the test split at `{tenant}/datasets/{id}/split`. */
    hasSplit: boolean("has_split").notNull().default(false),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] })],
);

/** file + column map + corrections, frozen by the sha256 of its canonical rows. */
export const datasetVersions = pgTable(
  "dataset_versions",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    datasetId: text("dataset_id").notNull(),
    number: integer().notNull(),
    parentId: text("parent_id"),
    fileId: text("file_id").notNull(),
    /** For a validation file: the training version whose texts it should not repeat. */
    againstId: text("against_id"),
    reading: jsonb().$type<Partial<Reading>>().notNull().default({}),
    columns: jsonb().$type<ColumnMap>().notNull(),
    /** What people said about labels, ascending by line; those of its parent among them. */
    corrections: jsonb().$type<Correction[]>().notNull().default([]),
    /** Hash of (file, reading, columns, task, corrections): the same question reuses the version. */
    fingerprint: text().notNull(),
    status: text({ enum: ["checking", "ready", "failed"] })
      .notNull()
      .default("checking"),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    report: jsonb().$type<CheckReport>(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("dataset_versions_fingerprint").on(t.tenantId, t.fingerprint),
    foreignKey({
      columns: [t.tenantId, t.datasetId],
      foreignColumns: [datasets.tenantId, datasets.id],
    }).onDelete("cascade"),
  ],
);

/** A person's word on a row of a version, until a next version is made of it. */
export const corrections = pgTable(
  "corrections",
  {
    tenantId: tenantId(),
    versionId: text("version_id").notNull(),
    line: integer().notNull(),
    /** As the version has it. */
    given: text().notNull(),
    label: text().notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.versionId, t.line] }),
    foreignKey({
      columns: [t.tenantId, t.versionId],
      foreignColumns: [datasetVersions.tenantId, datasetVersions.id],
    }).onDelete("cascade"),
  ],
);

export interface StageState {
  name: string;
  status: "pending" | "running" | "done" | "skipped";
  reason: string | null;
  startedAt: number | null;
  finishedAt: number | null;
  progress: number;
}

export const jobs = pgTable(
  "jobs",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    /** Null until the training file is read: without named columns the file's own guess is taken. */
    versionId: text("version_id"),
    validationVersionId: text("validation_version_id"),
    trainingFileId: text("training_file_id").notNull(),
    validationFileId: text("validation_file_id"),
    task: text().notNull(),
    base: text().notNull(),
    suffix: text(),
    seed: integer().notNull(),
    /** What was asked for and what was done, kept apart. */
    asked: jsonb().$type<Record<string, unknown>>().notNull(),
    effective: jsonb().$type<Record<string, unknown>>(),
    metadata: jsonb().$type<Record<string, string>>(),
    state: text({
      enum: ["validating_files", "queued", "running", "paused", "succeeded", "failed", "cancelled"],
    }).notNull(),
    stages: jsonb().$type<StageState[]>().notNull(),
    errorCode: text("error_code"),
    errorMessage: text("error_message"),
    errorParam: text("error_param"),
    /** The fencing token: only the worker that holds this number may write. */
    attempt: integer().notNull().default(0),
    /** Attempts that ended without an answer; the job fails when this reaches its limit. */
    crashes: integer().notNull().default(0),
    idempotencyKey: text("idempotency_key"),
    /** The outbox mark: when the pointer was last handed to the broker. */
    enqueuedAt: at("enqueued_at"),
    heartbeatAt: at("heartbeat_at"),
    cancelRequestedAt: at("cancel_requested_at"),
    /** Set before the model's first byte is stored. */
    modelId: text("model_id"),
    /** The id that the model will have; the provisional model is named after it. */
    promisedModelId: text("promised_model_id"),
    /** The model whose rows were corrected for this job: the new one is shown beside it. */
    previousModelId: text("previous_model_id"),
    /** What it costs if it succeeds, fixed when it was ordered; null without a plan, when it costs nothing. */
    priceDecimal: text("price_decimal"),
    priceCurrency: text("price_currency"),
    /** From `queued` to an answering model, nine times of ten, said with the order; null where nothing was forecast. */
    promisedMinutes: integer("promised_minutes"),
    /** When its files were ready: the promise begins. */
    queuedAt: at("queued_at"),
    /** Since when it waits for the customer, and how long it did before: that time is not ours. */
    heldAt: at("held_at"),
    heldMs: bigint("held_ms", { mode: "number" }).notNull().default(0),
    /** By how much it was later than promised; null where it was not. */
    lateMinutes: integer("late_minutes"),
    trainedTokens: bigint("trained_tokens", { mode: "number" }),
    createdBy: text("created_by").notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
    startedAt: at("started_at"),
    finishedAt: at("finished_at"),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index("jobs_open")
      .on(t.state, t.createdAt)
      .where(sql`state in ('validating_files', 'queued', 'running', 'paused')`),
    uniqueIndex("jobs_idempotency_key").on(t.tenantId, t.idempotencyKey),
    foreignKey({
      columns: [t.tenantId, t.versionId],
      foreignColumns: [datasetVersions.tenantId, datasetVersions.id],
    }),
  ],
);

export const jobEvents = pgTable(
  "job_events",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    jobId: text("job_id").notNull(),
    /** Order within everything; `Last-Event-ID` of the live stream. */
    seq: bigserial({ mode: "number" }).notNull(),
    level: text({ enum: ["info", "warn", "error"] }).notNull(),
    type: text({ enum: ["message", "metrics"] })
      .notNull()
      .default("message"),
    message: text().notNull(),
    data: jsonb().$type<Record<string, unknown>>(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    index("job_events_job").on(t.tenantId, t.jobId, t.seq),
    foreignKey({ columns: [t.tenantId, t.jobId], foreignColumns: [jobs.tenantId, jobs.id] }).onDelete(
      "cascade",
    ),
  ],
);

/** A trained model; its artifact lies at `{tenant}/models/{id}/`. */
export const models = pgTable(
  "models",
  {
    tenantId: tenantId(),
    id: text().notNull(),
    /** `ft:{base}:{tenant}:{suffix}:{id}`, and `:ckpt-step-{n}` behind it when it is provisional. */
    name: text().notNull(),
    jobId: text("job_id").notNull(),
    base: text().notNull(),
    task: text().notNull(),
    recipe: text().notNull(),
    state: text({ enum: ["probing", "ready", "failed", "deleted"] }).notNull(),
    /** The step that a provisional model is of; null: a final model. */
    checkpointStep: integer("checkpoint_step"),
    files: jsonb().$type<Record<string, string>>().notNull(),
    sizeBytes: bigint("size_bytes", { mode: "number" }).notNull(),
    report: modelReport().notNull(),
    createdAt: at("created_at").notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    uniqueIndex("models_name").on(t.tenantId, t.name),
    index("models_job").on(t.tenantId, t.jobId),
  ],
);
