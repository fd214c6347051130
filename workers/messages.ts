import { z } from "zod";
import { appraisalReportSchema } from "@/lib/ml/appraisal";
import {
  backendSchema,
  checkReportSchema,
  columnMapSchema,
  correctionSchema,
  drawnSchema,
  fileProfileSchema,
  hyperparametersSchema,
  labellingProgressSchema,
  modelReportSchema,
  PRECISIONS,
  readingSchema,
  stageSchema,
} from "@/lib/ml/contract";

/** Everything that the worker and its children say to each other, parsed on both ends. */
const checkOrderSchema = z.object({
  kind: z.literal("check"),
  path: z.string(),
  filename: z.string(),
  reading: readingSchema.partial(),
  /** Null: whatever inspection guesses. */
  columns: columnMapSchema.nullable(),
  task: z.string().nullable(),
  corrections: z.array(correctionSchema),
  rowsPath: z.string(),
  rejectsPath: z.string(),
  workDir: z.string(),
  trainingRowsPath: z.string().nullable(),
});
export type CheckOrder = z.infer<typeof checkOrderSchema>;

const baseFilesSchema = z.object({ id: z.string(), dir: z.string(), sha256: z.string() });

const labelOrderSchema = z.object({
  kind: z.literal("label"),
  order: z.object({
    source: z
      .object({
        path: z.string(),
        filename: z.string(),
        reading: readingSchema.partial(),
        textColumn: z.string(),
        labelColumn: z.string().nullable(),
      })
      .nullable(),
    textsPath: z.string(),
    classes: z.array(z.object({ name: z.string(), description: z.string() })),
    answers: z.array(z.tuple([z.number().int(), z.number().int()])),
    skipped: z.array(z.number().int()),
    isMeasured: z.boolean(),
    temperature: z.number(),
    wanted: z.number().int(),
    rankingPath: z.string(),
    headPath: z.string(),
    base: baseFilesSchema,
  }),
  run: z.object({ cacheDir: z.string(), threads: z.number().int() }),
});
export type LabelOrder = z.infer<typeof labelOrderSchema>;

const appraiseOrderSchema = z.object({
  kind: z.literal("appraise"),
  order: z.object({ task: z.string(), rowsPath: z.string(), base: baseFilesSchema.nullable() }),
  run: z.object({ cacheDir: z.string(), threads: z.number().int() }),
});
export type AppraiseOrder = z.infer<typeof appraiseOrderSchema>;

const trainOrderSchema = z.object({
  kind: z.literal("train"),
  task: z.string(),
  order: z.object({
    rowsPath: z.string(),
    rowsSha256: z.string(),
    validationRowsPath: z.string().nullable(),
    splitPath: z.string().nullable(),
    recipe: z.string(),
    base: baseFilesSchema.nullable(),
    baseDamage: z.string().optional(),
    adapterDir: z.string().optional(),
    seed: z.number().int(),
    refit: z.boolean(),
    budgetMinutes: z.number(),
    precision: z.enum(PRECISIONS).optional(),
    hyperparameters: hyperparametersSchema.optional(),
  }),
  run: z.object({
    dir: z.string(),
    cacheDir: z.string(),
    checkpointDir: z.string(),
    threads: z.number().int(),
  }),
});
export type TrainOrder = z.infer<typeof trainOrderSchema>;

const backendOrderSchema = z.object({ kind: z.literal("backend"), threads: z.number().int() });
export type BackendOrder = z.infer<typeof backendOrderSchema>;

const exportOrderSchema = z.object({
  kind: z.literal("export"),
  task: z.string(),
  order: z.object({
    artifactDir: z.string(),
    base: z.object({ id: z.string(), dir: z.string(), sha256: z.string() }).nullable(),
    dir: z.string(),
    threads: z.number().int(),
    quoted: z.array(z.string()),
    facts: z.object({
      model: z.string(),
      created: z.number().int(),
      abstainBelow: z.number(),
      promised: z.array(z.object({ accepted: z.number(), threshold: z.number() })),
    }),
  }),
  texts: z.record(z.string(), z.string()),
  zipPath: z.string(),
});
export type ExportOrder = z.infer<typeof exportOrderSchema>;

const stopSchema = z.object({ kind: z.literal("stop") });
export const toChildSchema = z.discriminatedUnion("kind", [
  checkOrderSchema,
  trainOrderSchema,
  backendOrderSchema,
  exportOrderSchema,
  labelOrderSchema,
  appraiseOrderSchema,
  stopSchema,
]);

const resultSchema = z.object({
  artifactDir: z.string(),
  splitPath: z.string(),
  report: modelReportSchema,
});
export type Result = z.infer<typeof resultSchema>;

const fields = z.record(z.string(), z.unknown());
/** While it works. */
const newsSchema = z.discriminatedUnion("kind", [
  z.object({ kind: z.literal("beat") }),
  /** What a training computes with, as a person reads it; said before anything is computed. */
  z.object({ kind: z.literal("backend"), label: z.string() }),
  z.object({
    kind: z.literal("stage"),
    stage: stageSchema,
    status: z.enum(["running", "done", "skipped"]),
    reason: z.string().optional(),
  }),
  z.object({
    kind: z.literal("progress"),
    stage: stageSchema,
    done: z.number(),
    total: z.number(),
    metrics: z.record(z.string(), z.number()).optional(),
  }),
  z.object({
    kind: z.literal("log"),
    level: z.enum(["info", "warn"]),
    message: z.string(),
    data: fields.optional(),
  }),
  resultSchema.extend({ kind: z.literal("provisional") }),
]);
export type News = z.infer<typeof newsSchema>;

const refusalSchema = z.object({ code: z.string(), message: z.string(), param: z.string().nullable() });
/** Its last word; exactly one. */
const answerSchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("checked"),
    profile: fileProfileSchema,
    report: checkReportSchema.nullable(),
    refusal: refusalSchema.nullable(),
  }),
  resultSchema.extend({ kind: z.literal("trained") }),
  z.object({ kind: z.literal("opened"), backend: backendSchema }),
  z.object({ kind: z.literal("exported") }),
  z.object({
    kind: z.literal("labelled"),
    drawn: drawnSchema.nullable(),
    progress: labellingProgressSchema.nullable(),
    temperature: z.number(),
  }),
  z.object({ kind: z.literal("appraised"), report: appraisalReportSchema }),
  refusalSchema.extend({ kind: z.literal("refused") }),
  z.object({
    kind: z.literal("crashed"),
    message: z.string(),
    /** As far as its end tells; never said by the child itself. */
    isOutOfMemory: z.literal(true).optional(),
  }),
]);
export type Answer = z.infer<typeof answerSchema>;

export const fromChildSchema = z.discriminatedUnion("kind", [newsSchema, answerSchema]);
export type FromChild = z.infer<typeof fromChildSchema>;

export const isAnswer = (message: FromChild): message is Answer =>
  ["checked", "trained", "opened", "exported", "labelled", "appraised", "refused", "crashed"].includes(
    message.kind,
  );
