import { z } from "zod";
import {
  type Estimate,
  estimateSchema,
  evaluationSchema,
  type LabelsEvaluation,
  scoresSchema,
} from "./evaluation";

/**
 * The shapes that leave the engine: what a file looks like, what is wrong with its rows, how good a model
 * is. They are stored as JSON in the database and shown by the portal, so they are schemas, not only types.
 * Imports zod and `evaluation.ts` alone: `app` may read both.
 */

/** The six stages of a job, in order; the names are wire values. */
export const STAGES = ["preprocess", "augment", "base", "fine-tune", "evaluate", "deploy"] as const;
export const stageSchema = z.enum(STAGES);
export type Stage = z.infer<typeof stageSchema>;

/** How the bytes of a file become rows. Found by inspection; every field may be overruled by a person. */
export const readingSchema = z.object({
  /** `tokens`: a word and its tag a line. */
  format: z.enum(["csv", "jsonl", "xlsx", "tokens"]),
  /** WHATWG or iconv name, lower case: utf-8, windows-1252, gb18030, utf-16le ... */
  encoding: z.string(),
  /** csv only: one of `,` `;` `\t` `|`. */
  delimiter: z.string().optional(),
  /** csv and xlsx: whether the first row names the columns. */
  hasHeader: z.boolean(),
  /** xlsx only: the sheet's name. */
  sheet: z.string().optional(),
  /** jsonl only: which of the known line shapes the file has. */
  jsonShape: z.enum(["chat", "completion", "fields"]).optional(),
  /** The one file inside a zip archive. */
  member: z.string().optional(),
});
export type Reading = z.infer<typeof readingSchema>;

export const columnKindSchema = z.enum(["text", "category", "number", "date", "empty"]);
export type ColumnKind = z.infer<typeof columnKindSchema>;

export const columnProfileSchema = z.object({
  /** As in the header; `column_1` ... when there is none or the cell is blank. */
  name: z.string(),
  index: z.number().int(),
  kind: columnKindSchema,
  /** Over the inspected rows (the first 10,000). */
  filled: z.number().int(),
  distinct: z.number().int(),
  /** Different names when its cells are read as lists; fewer than `distinct` where lists recombine the same names. Absent when there are thousands. */
  names: z.number().int().optional(),
  meanLength: z.number(),
  examples: z.array(z.string()),
});
export type ColumnProfile = z.infer<typeof columnProfileSchema>;

/** Role name (`text`, `label`) to column name; to a list of them where the role takes several. */
export const columnMapSchema = z.record(z.string(), z.union([z.string(), z.array(z.string()).max(10_000)]));
export type ColumnMap = z.infer<typeof columnMapSchema>;
/** The columns that a map gives a role; none where it gives it none. */
export const columnsOf = (map: ColumnMap, role: string): string[] => [map[role] ?? []].flat();

const cellSchema = z.union([z.string(), z.number(), z.null()]);
/** A column of a table as a model knows it: a number, or one of the values that were taught often enough. */
export const tableColumnSchema = z.object({
  name: z.string(),
  kind: z.enum(["number", "category"]),
  /** Of a category, the most frequent first. */
  values: z.array(z.string()),
  /** Something that stands in it usually; null where it is mostly empty. */
  usual: cellSchema,
});
export type TableColumn = z.infer<typeof tableColumnSchema>;
/** A row of what usually stands in each column, nobody's in particular; without the columns that are mostly empty. */
export const usualRow = (columns: readonly TableColumn[]): Record<string, string | number> =>
  Object.fromEntries(columns.flatMap(({ name, usual }) => (usual === null ? [] : [[name, usual]])));

/** A person's word on the label of one row: `given` is the file's, and the same `label` says that it is right. */
export const correctionSchema = z.object({ line: z.number().int(), given: z.string(), label: z.string() });
export type Correction = z.infer<typeof correctionSchema>;

/** What inspection says about a file before anything is decided. */
export const fileProfileSchema = z.object({
  reading: readingSchema,
  sheets: z.array(z.object({ name: z.string(), rows: z.number().int() })),
  columns: z.array(columnProfileSchema),
  /** The first five rows as read, cells cut at 300 characters, in the order of `columns`. */
  sample: z.array(z.array(z.string())),
  guess: z.object({ task: z.string(), columns: columnMapSchema, confidence: z.number() }),
});
export type FileProfile = z.infer<typeof fileProfileSchema>;

/** One kind of finding over all rows. `lines` are 1-based line numbers in the file, the first 100 of them. */
export const problemSchema = z.object({
  kind: z.string(),
  severity: z.enum(["error", "warning", "info"]),
  count: z.number().int(),
  lines: z.array(z.number().int()),
  hint: z.string(),
});
export type Problem = z.infer<typeof problemSchema>;

/** The data report of one dataset version. `rows = accepted + setAside`, always. */
export const checkReportSchema = z.object({
  rows: z.number().int(),
  accepted: z.number().int(),
  setAside: z.number().int(),
  columns: z.array(z.object({ name: z.string(), role: z.string().nullable() })),
  classes: z.array(z.object({ label: z.string(), rows: z.number().int() })),
  /** Of a task whose target is a number: how they are spread. A bin holds `from` and what is below `to`. */
  numbers: z
    .object({
      least: z.number(),
      most: z.number(),
      mean: z.number(),
      bins: z.array(z.object({ from: z.number(), to: z.number(), rows: z.number().int() })),
    })
    .optional(),
  problems: z.array(problemSchema),
  duplicates: z.object({ exact: z.number().int(), near: z.number().int(), conflicting: z.number().int() }),
  /** Text lengths in characters over the accepted rows. */
  lengths: z.object({ p50: z.number(), p95: z.number(), max: z.number() }),
  /** Validation rows whose text is also in the training file; null when no validation file was given. */
  leakage: z.number().int().nullable(),
  /** Of the canonical accepted rows; two files with the same rows in the same order agree. */
  sha256: z.string(),
});
export type CheckReport = z.infer<typeof checkReportSchema>;

/**
 * Scores by which a text is told apart from what the model was taught; larger is more in scope. `similarity` is
 * the cosine to the nearest taught row of the answered class, the others are of the logits as they are.
 */
export const SCOPE_SCORES = ["similarity", "max_probability", "max_logit", "energy"] as const;
export type ScopeScore = (typeof SCOPE_SCORES)[number];

/** Shares of wrong answers that a reader may accept; a threshold is sought for each. */
export const ACCEPTED_ERRORS = [0.01, 0.02, 0.03, 0.05, 0.08, 0.1, 0.15, 0.2, 0.25, 0.3] as const;

/** The accuracy to be measured with a number of training rows, on as many held rows as now: 90 % interval. */
const forecastSchema = z.object({
  rows: z.number().int(),
  accuracy: z.number(),
  low: z.number(),
  high: z.number(),
});
export type Forecast = z.infer<typeof forecastSchema>;

/** Measured out of fold at growing shares of the training rows. */
const curvePointsSchema = z.array(z.object({ rows: z.number().int(), accuracy: z.number() }));
/** The recipe that was fitted again and again, where the chosen one takes too long for that. */
const curveOfSchema = z.string().optional();

export const learningCurveSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("given"),
    of: curveOfSchema,
    points: curvePointsSchema,
    /** The fitted curve from the first point to twice the rows of now. */
    curve: z.array(forecastSchema),
    /** Rows of now, and what twice as many would bring. */
    now: forecastSchema,
    twice: forecastSchema,
    /** Classes by how much of their recall the last doubling of rows brought, most first (at most 10). */
    classes: z.array(
      z.object({ label: z.string(), rows: z.number().int(), before: z.number(), after: z.number() }),
    ),
  }),
  z.object({
    status: z.literal("refused"),
    reason: z.enum(["too_few_rows", "too_slow", "not_rising", "too_uncertain"]),
    of: curveOfSchema,
    /** What was measured all the same; empty when nothing was. */
    points: curvePointsSchema,
  }),
]);
export type LearningCurve = z.infer<typeof learningCurveSchema>;

/** How a base computes its linear parts: as it was published, or in whole numbers of 8 bits. */
export const PRECISIONS = ["float32", "int8"] as const;
export type Precision = (typeof PRECISIONS)[number];

/** What became of the wish that the base answers for a model in int8. */
export const precisionReportSchema = z.object({
  answers: z.enum(PRECISIONS),
  /** `holds` and `drops` are measured; without test rows, or without a base, there is nothing to ask twice. */
  reason: z.enum(["holds", "drops", "no_test_rows", "no_base"]),
  /** Accuracy of the same model on the same test rows in both; `difference` is int8 minus float32, paired. */
  measured: z
    .object({ rows: z.number().int(), float32: z.number(), int8: z.number(), difference: estimateSchema })
    .nullable(),
});
export type PrecisionReport = z.infer<typeof precisionReportSchema>;

/** By the names of a recipe's settings. */
export const settingsSchema = z.record(z.string(), z.union([z.number(), z.string(), z.boolean()]));

/** What an order sets of a tuning; what it leaves open, the recipe decides. */
export const hyperparametersSchema = z.object({
  /** Times that each row is seen; at most, where a fit ends by itself. */
  epochs: z.number().int().positive().optional(),
  batchSize: z.number().int().positive().optional(),
  /** Of the recipe's usual learning rate. */
  learningRateMultiplier: z.number().positive().optional(),
  /** Of the adapter; as many of the highest layers have one as `layers` says. */
  lora: z
    .object({
      rank: z.number().int().positive().optional(),
      alpha: z.number().positive().optional(),
      layers: z.number().int().positive().optional(),
    })
    .optional(),
});
export type Hyperparameters = z.infer<typeof hyperparametersSchema>;

/** How a tuned base is read: its adapter's width and strength, and what its n-grams count beside it. */
export const adapterReadingSchema = z.object({
  /** At most so many directions of each matrix; `whole`: all that was tuned, in a session of its own. */
  rank: z.union([z.number().int(), z.literal("whole")]),
  /** 1 - a of W = a·W_base + (1 - a)·W_tuned. */
  strength: z.number(),
  ngrams: z.number(),
});
export type AdapterReading = z.infer<typeof adapterReadingSchema>;

/** Every way to read a tuned base, with its value on the out-of-fold rows of the metric that chose between them. */
const readingsSchema = z.object({
  metric: z.string(),
  rows: z.number().int(),
  tried: z.array(adapterReadingSchema.extend({ value: z.number(), chosen: z.boolean() })),
});
export type Readings = z.infer<typeof readingsSchema>;

export const modelReportSchema = z.object({
  formatVersion: z.literal(1),
  task: z.string(),
  recipe: z.string(),
  base: z.object({ id: z.string(), sha256: z.string() }).nullable(),
  rows: z.object({
    total: z.number().int(),
    train: z.number().int(),
    test: z.number().int(),
    /** Of `train`: labelled by a model, so they taught and nothing was measured on them. Absent where there are none. */
    taughtOnly: z.number().int().optional(),
  }),
  /** What the model chooses between; empty where it does not choose. */
  labels: z.array(z.string()),
  evaluation: evaluationSchema,
  /** Every recipe that was compared, out of fold over the non-test rows, cheapest first. */
  compared: z.array(
    z.object({
      recipe: z.string(),
      scores: scoresSchema,
      seconds: z.number(),
      chosen: z.boolean(),
      /** The settings that it ran with, ordered or chosen by itself: epochs, rate, rank, strength, class names. */
      effective: settingsSchema,
      /** Absent where there is but one way to read a model, and in reports from before. */
      readings: readingsSchema.optional(),
    }),
  ),
  /** Recipes whose estimated time did not fit into the budget; seconds for the whole comparison. */
  leftOut: z.array(z.object({ recipe: z.string(), seconds: z.number() })),
  /** Why the chosen recipe was chosen, in one sentence for people. */
  choice: z.string(),
  /** Chosen minus the runner-up, paired over the same out-of-fold rows; null with one recipe. */
  pairedDifference: estimateSchema.nullable(),
  /** `floorRecipe` on the same rows as `evaluation`. */
  floor: z.object({ scores: scoresSchema }),
  /** The plainest recipe on the base as it is, likewise; absent where no base was read, and in reports from before. */
  frozen: z.object({ recipe: z.string(), scores: scoresSchema }).optional(),
  /** Of the probabilities; absent where there are none. */
  temperature: z.number().optional(),
  /** The adapter that was brought along, under which all recipes were compared; absent when the base was read itself. */
  importedAdapter: z
    .object({ rank: z.number().int(), targets: z.array(z.string()), sha256: z.string() })
    .optional(),
  /**
   * A text whose score is below the threshold is `out_of_scope`; `auroc` is how well the score told classes that
   * were left out of training from those that were not. Null: nothing told. Absent in reports from before.
   */
  scope: z
    .object({
      score: z.enum(SCOPE_SCORES),
      threshold: z.number(),
      auroc: z.number(),
      /** Its 95 % interval and the rows that it was taken over, once a round. Absent in reports from before. */
      measured: z
        .object({
          low: z.number(),
          high: z.number(),
          inside: z.number().int(),
          outside: z.number().int(),
          rounds: z.number().int(),
        })
        .optional(),
      /**
       * Of unseen rows of taught classes, the share that it calls out of scope all the same: asked to abstain, the model
       * withholds those too. Absent in reports from before.
       */
      withheld: estimateSchema.optional(),
    })
    .nullable()
    .optional(),
  /** Of a model of tables: what it reads of a row. */
  columns: z.array(tableColumnSchema).optional(),
  /** Absent where int8 was not asked for. */
  precision: precisionReportSchema.optional(),
  /**
   * Of a model whose base answers as it was tuned whole: what its weights hold in memory, and how long it took from its
   * files to its first answer where it was trained. Absent where models of a base share its weights.
   */
  ownSession: z.object({ bytes: z.number().int(), coldMs: z.number().int() }).optional(),
  /** Rows whose label is likely wrong, the likeliest first: how many, and the first 200. */
  labelIssues: z
    .object({
      count: z.number().int(),
      rows: z.array(
        z.object({
          line: z.number().int(),
          text: z.string(),
          given: z.string(),
          suggested: z.string(),
          score: z.number(),
        }),
      ),
    })
    .optional(),
  learningCurve: learningCurveSchema.optional(),
  /** For each accepted share of wrong answers: the threshold that keeps it with 95 % certainty, if any does. */
  abstention: z
    .array(
      z.object({
        accepted: z.number(),
        threshold: z.number(),
        coverage: estimateSchema,
        error: z.number(),
        errorUpper: z.number(),
      }),
    )
    .optional(),
  /** Measured rows whose text, but for case, spaces and punctuation, is among the training rows. */
  leakage: z.number().int().optional(),
  /** True when the served model was refitted on all accepted rows after these figures were taken. */
  refit: z.boolean(),
  seed: z.number().int(),
  backend: z.string(),
  seconds: z.record(z.string(), z.number()),
  trainedTokens: z.number().int(),
  hashes: z.object({ rows: z.string(), split: z.string(), artifact: z.string() }),
});
export type ModelReport = z.infer<typeof modelReportSchema>;

/** The recipe whose figures are a report's floor: words alone, or a line through a table's columns. */
export const floorRecipe = ({ columns }: Pick<ModelReport, "columns">) => (columns ? "head" : "lexical");

/** How good the chosen recipe's adapter is at each strength, all else as chosen; null where none was tried. */
export function strengthsOf({ compared }: Pick<ModelReport, "compared">): Readings | null {
  const readings = compared.find(({ chosen }) => chosen)?.readings;
  const kept = readings?.tried.find(({ chosen }) => chosen);
  if (!readings || !kept) return null;
  const isAlike = ({ rank, ngrams }: AdapterReading) => rank === kept.rank && ngrams === kept.ngrams;
  return { ...readings, tried: readings.tried.filter(isAlike) };
}

/** The strength that an adapter's matrices are stored at. */
export const chosenStrength = (report: Pick<ModelReport, "compared">): number | undefined =>
  strengthsOf(report)?.tried.find(({ chosen }) => chosen)?.strength;

/** How good the chosen recipe's tuning is by how much of it is kept, each at its best; null where all is kept alike. */
export function ranksOf({ compared }: Pick<ModelReport, "compared">): Readings | null {
  const readings = compared.find(({ chosen }) => chosen)?.readings;
  if (!readings) return null;
  const best = new Map<AdapterReading["rank"], Readings["tried"][number]>();
  for (const one of readings.tried) {
    const other = best.get(one.rank);
    if (!other || one.chosen || (!other.chosen && one.value > other.value)) best.set(one.rank, one);
  }
  return best.size > 1 ? { ...readings, tried: [...best.values()] } : null;
}

/** As stored before there was any task but one label a text. */
interface EarlyReport extends Omit<ModelReport, "compared" | "floor" | "evaluation"> {
  evaluation: Omit<LabelsEvaluation, "measures">;
  compared: (Omit<ModelReport["compared"][number], "scores"> & EarlyScores)[];
  floor: EarlyScores;
}
interface EarlyScores {
  accuracy: Estimate;
  macroF1: number;
}

/** When one label a text was the only answer that was read in several ways. */
interface EarlyReadings {
  rows: number;
  tried: (AdapterReading & { accuracy: number; chosen: boolean })[];
}

/** A report as it was stored, whenever that was. */
export function readReport(stored: ModelReport | EarlyReport): ModelReport {
  const report = "scores" in stored.floor ? (stored as ModelReport) : fromEarlyReport(stored as EarlyReport);
  const isEarly = report.compared.some(({ readings }) => readings && !("metric" in readings));
  return isEarly ? { ...report, compared: report.compared.map(withMetric) } : report;
}

function fromEarlyReport({ floor, compared, evaluation, ...rest }: EarlyReport): ModelReport {
  const scoresOf = ({ accuracy, macroF1 }: EarlyScores) => ({ accuracy, macro_f1: { value: macroF1 } });
  return {
    ...rest,
    evaluation: { ...evaluation, measures: "labels" },
    compared: compared.map(({ accuracy, macroF1, ...one }) => ({
      ...one,
      scores: scoresOf({ accuracy, macroF1 }),
    })),
    floor: { scores: scoresOf(floor) },
  };
}

function withMetric({ readings, ...one }: ModelReport["compared"][number]): ModelReport["compared"][number] {
  if (!readings) return one;
  const { rows, tried } = readings as Readings | EarlyReadings;
  const named = tried.map((way) => {
    if ("value" in way) return way;
    const { accuracy, ...reading } = way;
    return { ...reading, value: accuracy };
  });
  return { ...one, readings: { metric: "accuracy", rows, tried: named } };
}

/** What the parts of a row, its words or its columns, add to the log-odds of a label, ln(p / (1 - p)), or to a number. */
export const explanationSchema = z.object({
  method: z.enum(["occlusion", "integrated_gradients"]),
  adds_to: z.enum(["log_odds", "value"]),
  /** The answered label, which the weights of `words` and `columns` are of; `value` where a number is answered. */
  label: z.string(),
  /**
   * Words in their order, neighbours together in a long text; of a table's row none. Places are Unicode code points,
   * `end` excluded.
   */
  words: z.array(
    z.object({
      /** Which text it stands in, where a row has several. */
      role: z.string().optional(),
      ...{ start: z.number().int(), end: z.number().int(), text: z.string(), weight: z.number() },
    }),
  ),
  /** Of a table's row: its cells, compared with what `usual`ly stands in their columns; null is an empty cell. */
  columns: z
    .array(z.object({ name: z.string(), value: cellSchema, usual: cellSchema, weight: z.number() }))
    .optional(),
  /** The same for the likeliest labels, the answered one first; weights in the order of `words` or `columns`. */
  labels: z.array(z.object({ label: z.string(), weights: z.array(z.number()) })),
  /** Integrated gradients: what is no word (punctuation) adds to the answered label. */
  rest: z.number().optional(),
  /** And what words and rest together miss of the difference to a text of nothing, in log-odds. */
  completeness_gap: z.number().optional(),
});
export type Explanation = z.infer<typeof explanationSchema>;

/** What was drawn from a file for labelling: every different text once, or a random part of them. */
export const drawnSchema = z.object({
  rows: z.number().int(),
  /** Rows without a text, or with one that is too long to read. */
  unusable: z.number().int(),
  texts: z.number().int(),
  /** True when the file holds more different texts than were drawn. */
  isPart: z.boolean(),
  /** Texts that had one of the classes in the file already, and texts whose label there is none of them. */
  labelled: z.number().int(),
  foreign: z.number().int(),
});
export type Drawn = z.infer<typeof drawnSchema>;

/** How good a head on the labels so far is. */
export const labellingProgressSchema = z.object({
  /** Answers so far, and those of them that were drawn at random and kept from the head: only these are judged. */
  labels: z.number().int(),
  measuredOn: z.number().int(),
  /** Of the head that suggests, on the kept ones; null while they are fewer than `leastMeasured`. */
  accuracy: estimateSchema.nullable(),
  leastMeasured: z.number().int(),
  /** What more labels would likely bring; empty where the curve does not tell. */
  more: z.array(estimateSchema.extend({ labels: z.number().int() })),
});
export type LabellingProgress = z.infer<typeof labellingProgressSchema>;

/** Which TensorFlow.js a process computes with; see `backend.ts`. */
export const backendSchema = z.object({
  id: z.enum(["cuda", "native", "wasm"]),
  /** What a person reads: "TensorFlow.js native CPU (libtensorflow 2.21.0)". */
  label: z.string(),
  /** Whether an encoder can be tuned here: wasm lacks some weight gradients and is about 85 times slower. */
  canTune: z.boolean(),
  /** Why a better one is not here, and the command that would fix it; null when nothing is missing. */
  missing: z.object({ reason: z.string(), command: z.string() }).nullable(),
});
export type Backend = z.infer<typeof backendSchema>;
export type BackendId = Backend["id"];
