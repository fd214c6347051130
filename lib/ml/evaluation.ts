import { z } from "zod";

/**
 * How good a model is on rows that it had not seen, by what is measured. A task says which of these it has; pages and
 * routes choose by `measures`, never by the task. Imports zod alone: `app` may read this file.
 */

/** A figure with its 95 % interval; proportions in 0..1. */
export const estimateSchema = z.object({ value: z.number(), low: z.number(), high: z.number() });
export type Estimate = z.infer<typeof estimateSchema>;

/** Figures by the name of their metric; the interval where one was taken. */
export const scoresSchema = z.record(
  z.string(),
  z.object({ value: z.number(), low: z.number().optional(), high: z.number().optional() }),
);

const reliabilitySchema = z.object({
  /** Expected calibration error over 15 equal-width bins (Guo et al. 2017). Null below 200 rows. */
  ece: z.number().nullable(),
  bins: z.array(z.object({ confidence: z.number(), accuracy: z.number(), n: z.number().int() })),
});
export type Reliability = z.infer<typeof reliabilitySchema>;

const measuredSchema = z.object({
  /** `test`: a frozen test split; `cross_validated`: out of fold, when too few rows for a split. */
  kind: z.enum(["test", "cross_validated"]),
  n: z.number().int(),
});

const perClassSchema = z.object({
  label: z.string(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  support: z.number().int(),
});

/** One label a row. */
const labelsEvaluationSchema = measuredSchema.extend({
  measures: z.literal("labels"),
  accuracy: estimateSchema,
  macroF1: estimateSchema,
  perClass: z.array(perClassSchema),
  /** Wrong pairs, most frequent first (at most 200), each with up to five of its rows. */
  confusions: z.array(
    z.object({
      actual: z.string(),
      predicted: z.string(),
      count: z.number().int(),
      rows: z.array(z.object({ line: z.number().int(), text: z.string(), confidence: z.number() })),
    }),
  ),
  /** How many different wrong pairs there were. Absent in reports from before. */
  confusionPairs: z.number().int().optional(),
  calibration: reliabilitySchema.extend({
    /** The same answers before the temperature: softmax of the logits as they are. */
    before: reliabilitySchema.optional(),
    /** Error that a perfectly calibrated model of these confidences stays under 19 times of 20 (simulated). */
    eceByChance: z.number().nullable().optional(),
  }),
  /** Answering only when confidence >= threshold: share answered, share of those wrong, 95 % upper bound. */
  selective: z.array(
    z.object({ threshold: z.number(), coverage: z.number(), error: z.number(), errorUpper: z.number() }),
  ),
});
export type LabelsEvaluation = z.infer<typeof labelsEvaluationSchema>;

/** Any number of labels a row, each with a threshold of its own. */
const severalLabelsEvaluationSchema = measuredSchema.extend({
  measures: z.literal("several_labels"),
  microF1: estimateSchema,
  macroF1: estimateSchema,
  /** Rows of which all labels are right and none is missing. */
  exact: estimateSchema,
  perClass: z.array(perClassSchema.extend({ threshold: z.number() })),
  /** Rows that lack most or have most too much, worst first (at most 50). */
  worst: z.array(
    z.object({
      line: z.number().int(),
      text: z.string(),
      missing: z.array(z.string()),
      extra: z.array(z.string()),
    }),
  ),
});
export type SeveralLabelsEvaluation = z.infer<typeof severalLabelsEvaluationSchema>;

/** Of numbers that are levels of a scale: which level was answered. */
const levelsEvaluationSchema = z.object({
  /** Lowest first. */
  levels: z.array(z.number()),
  /** From which number on the model answers each level but the lowest; rows were judged by cuts chosen without them. */
  cuts: z.array(z.number()),
  /** Rows whose true number is a level: what the rest is counted over. */
  n: z.number().int(),
  exact: estimateSchema,
  /** At most one level off. */
  withinOne: estimateSchema,
  /** Agreement beyond chance, with quadratic weights (Cohen 1968). */
  kappa: estimateSchema,
  /** Rows by their true level (down) and the answered one (across). */
  table: z.array(z.array(z.number().int())),
});
export type LevelsEvaluation = z.infer<typeof levelsEvaluationSchema>;

/** A number a row. */
const numberEvaluationSchema = measuredSchema.extend({
  measures: z.literal("number"),
  pearson: estimateSchema,
  spearman: estimateSchema,
  /** Mean absolute error, in the target's unit. */
  mae: estimateSchema,
  /** The stated interval around an answer: its share of right answers as promised and as found on these rows. */
  interval: z.object({ promised: z.number(), covered: estimateSchema, meanWidth: z.number() }),
  /** Absent where the numbers are no levels of a scale, and in reports from before. */
  levels: levelsEvaluationSchema.optional(),
  /** A seeded draw of at most 400 rows, for a picture. */
  points: z.array(z.object({ actual: z.number(), predicted: z.number() })),
  /** Farthest from the truth first (at most 50). */
  worst: z.array(
    z.object({ line: z.number().int(), text: z.string(), actual: z.number(), predicted: z.number() }),
  ),
});
export type NumberEvaluation = z.infer<typeof numberEvaluationSchema>;

/** Pieces of a text with a label; only the same place with the same label is right (`conlleval`). */
const spansEvaluationSchema = measuredSchema.extend({
  measures: z.literal("spans"),
  f1: estimateSchema,
  precision: z.number(),
  recall: z.number(),
  perClass: z.array(perClassSchema),
  /** How often found spans are right, by their confidence. */
  calibration: reliabilitySchema,
  /** Texts with most that is missing or wrong (at most 50); offsets are UTF-16 units of `text`. */
  worst: z.array(
    z.object({
      line: z.number().int(),
      text: z.string(),
      spans: z.array(
        z.object({
          start: z.number().int(),
          end: z.number().int(),
          label: z.string(),
          is: z.enum(["right", "missed", "wrong"]),
        }),
      ),
    }),
  ),
});
export type SpansEvaluation = z.infer<typeof spansEvaluationSchema>;

/** A piece of a context as the answer to a question, by the rules of SQuAD. */
const answersEvaluationSchema = measuredSchema.extend({
  measures: z.literal("answers"),
  /** Mean F1 of the words that answer and truth share. */
  f1: estimateSchema,
  /** Answers that are the truth but for case, punctuation and articles. */
  exact: estimateSchema,
  /** Worst first (at most 50); `text` is the context. */
  worst: z.array(
    z.object({
      line: z.number().int(),
      question: z.string(),
      text: z.string(),
      expected: z.string(),
      answered: z.string(),
    }),
  ),
});
export type AnswersEvaluation = z.infer<typeof answersEvaluationSchema>;

export const evaluationSchema = z.discriminatedUnion("measures", [
  labelsEvaluationSchema,
  severalLabelsEvaluationSchema,
  numberEvaluationSchema,
  spansEvaluationSchema,
  answersEvaluationSchema,
]);
export type Evaluation = z.infer<typeof evaluationSchema>;

type Figure = [metric: string, estimate: Estimate];

/** The figures of an evaluation that stand first on every page, the most telling one before the others. */
export function figuresOf(evaluation: Evaluation): Figure[] {
  switch (evaluation.measures) {
    case "labels":
      return [
        ["accuracy", evaluation.accuracy],
        ["macro_f1", evaluation.macroF1],
      ];
    case "several_labels":
      return [
        ["micro_f1", evaluation.microF1],
        ["macro_f1", evaluation.macroF1],
        ["exact", evaluation.exact],
      ];
    case "number":
      return [
        ["pearson", evaluation.pearson],
        ["spearman", evaluation.spearman],
        ["mae", evaluation.mae],
        ...(evaluation.levels ? levelFigures(evaluation.levels) : []),
      ];
    case "spans":
      return [["span_f1", evaluation.f1]];
    case "answers":
      return [
        ["answer_f1", evaluation.f1],
        ["exact_answer", evaluation.exact],
      ];
  }
}

const levelFigures = ({ levels, exact, withinOne, kappa }: LevelsEvaluation): Figure[] => [
  ["exact_level", exact],
  // Of two levels every answer is within one of the truth.
  ...(levels.length > 2 ? [["within_one_level", withinOne] satisfies Figure] : []),
  ["weighted_kappa", kappa],
];

/** Which metrics are no shares of rows, so no percentages. */
const PLAIN = ["pearson", "spearman", "mae", "weighted_kappa"];
export const isShare = (metric: string) => !PLAIN.includes(metric);

/** The evaluation without the customer's texts: what may outlive a model, and be shown to who may not read files. */
export function withoutTexts<E extends Evaluation>(evaluation: E): E {
  if (evaluation.measures !== "labels") return { ...evaluation, worst: [] };
  return { ...evaluation, confusions: evaluation.confusions.map((pair) => ({ ...pair, rows: [] })) };
}
