import { z } from "zod";
import { type ColumnProfile, explanationSchema } from "../contract";
import type { Task } from "../task";
import { fullness, textScore } from "./column-names";

export const labelOutputSchema = z.object({
  label: z.string(),
  confidence: z.number(),
  labels: z.array(z.object({ label: z.string(), probability: z.number() })),
  /** True when nothing in the training rows is as near as the validated similarity; absent when not validated. */
  out_of_scope: z.boolean().optional(),
  nearest: z
    .array(z.object({ line: z.number().int(), text: z.string(), label: z.string(), similarity: z.number() }))
    .optional(),
  explanation: explanationSchema.optional(),
});
export type LabelOutput = z.infer<typeof labelOutputSchema>;

const LABEL_NAMES =
  /^(label|labels|category|class|intent|target|tag|topic|sentiment|queue|completion|answer|标签|类别|分类)$/i;

/** How much a column looks like the label: few distinct values, short. */
function labelScore(column: ColumnProfile): number {
  if (column.kind === "empty" || column.filled === 0 || column.distinct < 2) return 0;
  const repeated = 1 - column.distinct / column.filled;
  return (LABEL_NAMES.test(column.name) ? 0.5 : 0) + 0.4 * repeated + (column.meanLength < 40 ? 0.1 : 0);
}

function guess(columns: readonly ColumnProfile[]) {
  let best = { confidence: 0, columns: {} as Record<string, string> };
  for (const text of columns) {
    for (const label of columns) {
      if (text.index === label.index) continue;
      // A column filled in a few rows only (overflow of a broken row) must not win over a full one.
      const confidence = Math.min(
        1,
        ((textScore(text) + labelScore(label)) / 2) * fullness(columns, text, label),
      );
      if (confidence > best.confidence)
        best = { confidence, columns: { text: text.name, label: label.name } };
    }
  }
  return best;
}

export const textClassification: Task<string, string, LabelOutput> = {
  id: "text-classification",
  roles: [
    { name: "text", part: "input", kind: "text", required: true },
    { name: "label", part: "target", kind: "category", required: true },
  ],
  input: z.string(),
  target: z.string(),
  output: labelOutputSchema,
  guess,
  metrics: ["accuracy", "macro_f1"],
  view: "labels",
  recipes: ["lexical", "head", "wide", "lora", "full"],
  answersInInt8: true,
  takesAdapters: true,
  leaves: true,
  chat: ({ label, labels }) => ({ content: label, choices: labels }),
  cells: {
    names: () => ["label", "confidence", "out_of_scope"],
    of: ({ label, confidence, out_of_scope }) => [
      label,
      Number(confidence.toFixed(4)),
      out_of_scope ? "yes" : "no",
    ],
  },
  engine: async () => (await import("./text-classification.engine")).engine,
};
