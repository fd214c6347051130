import { z } from "zod";

/**
 * What can be told of a sample before anything is trained: how fit its rows are, and what a training would likely reach.
 * Stored as JSON, shown to the customer and to staff: sums and names of classes, never a row. Imports zod alone: `app`
 * may read this file.
 */

const FINDINGS = [
  "size_small",
  "class_rare",
  "classes_uneven",
  "duplicates_exact",
  "duplicates_near",
  "labels_contradict",
  "label_errors",
  "label_in_text",
  "word_gives_away",
  "leakage",
  "script_foreign",
  "scripts_mixed",
  "personal_data",
  "texts_truncated",
  "task_not_appraised",
  "base_missing",
] as const;

/** `blocker`: a training on these rows would mislead; `warning`: it costs score; `note`: worth knowing. */
const findingSchema = z.object({
  code: z.enum(FINDINGS),
  severity: z.enum(["blocker", "warning", "note"]),
  /** What the words of the finding are filled with. */
  values: z.record(z.string(), z.union([z.number(), z.string()])),
});
export type Finding = z.infer<typeof findingSchema>;

export const PERSONAL_KINDS = ["email", "phone", "iban", "card", "ip"] as const;
export type PersonalKind = (typeof PERSONAL_KINDS)[number];

/** One score at growing sizes, with the covariance of its noise. */
const probedScoreSchema = z.object({
  values: z.array(z.number()),
  covariance: z.array(z.array(z.number())),
  /** Variance of the score times judged rows, over that of a share: 1 for accuracy, more where rare classes count. */
  noise: z.number(),
});
export type ProbedScore = z.infer<typeof probedScoreSchema>;

export const BAND_METRICS = ["accuracy", "macro_f1"] as const;
export type BandMetric = (typeof BAND_METRICS)[number];

/** Out-of-fold scores of a cheap recipe at growing shares of the sample. */
export const probeSchema = z.object({
  recipe: z.string(),
  /** Training rows behind each point, ascending. */
  sizes: z.array(z.number().int()),
  /** Rows that every point was judged on. */
  judged: z.number().int(),
  scores: z.object({ accuracy: probedScoreSchema, macro_f1: probedScoreSchema }),
});
export type Probe = z.infer<typeof probeSchema>;

/** Why no score is forecast. */
const NO_PROBE = ["task", "too_few_rows", "one_class"] as const;

export const appraisalReportSchema = z.object({
  formatVersion: z.literal(1),
  task: z.string(),
  rows: z.number().int(),
  /** Rows that the texts of were looked at: the first ones of a very large file. */
  lookedAt: z.number().int(),
  /** The most frequent first. Empty where rows carry no classes. */
  classes: z.array(z.object({ label: z.string(), rows: z.number().int() })),
  duplicates: z.object({ exact: z.number().int(), near: z.number().int() }),
  /** Share of the rows whose text occurs more than once that agree with the other copies; null where none does. */
  agreement: z.number().nullable(),
  /** Rows whose label is likely wrong; null where that was not looked at. */
  labelErrors: z.number().int().nullable(),
  /** Rows by the script that most of their letters are of. */
  scripts: z.array(z.object({ script: z.string(), rows: z.number().int() })),
  /** Rows that hold something of the kind. */
  personal: z.array(z.object({ kind: z.enum(PERSONAL_KINDS), rows: z.number().int() })),
  /** Of a draw of the rows; `truncated` is the share that the base does not read to the end. Null without a base. */
  tokens: z.object({ mean: z.number(), truncated: z.number(), window: z.number().int() }).nullable(),
  findings: z.array(findingSchema),
  probe: probeSchema.nullable(),
  noProbe: z.enum(NO_PROBE).nullable(),
  /** What a training that may choose its recipe takes, by the recipes' own estimates; empty where there are none. */
  training: z.array(
    z.object({
      rows: z.number().int(),
      p50Seconds: z.number(),
      p90Seconds: z.number(),
      /** With so many epochs of what tunes; each more adds that. Absent in reports from before. */
      epochs: z
        .object({ usual: z.number().int(), p50Seconds: z.number(), p90Seconds: z.number() })
        .optional(),
    }),
  ),
});
export type AppraisalReport = z.infer<typeof appraisalReportSchema>;
