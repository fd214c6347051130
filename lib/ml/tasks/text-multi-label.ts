import { z } from "zod";
import { type ColumnProfile, explanationSchema } from "../contract";
import type { Task } from "../task";
import { fullness, textScore } from "./column-names";

const outputSchema = z.object({
  /** Assigned ones first, then by probability. */
  labels: z.array(z.object({ label: z.string(), probability: z.number(), assigned: z.boolean() })),
  explanation: explanationSchema.optional(),
});
export type SeveralLabelsOutput = z.infer<typeof outputSchema>;

/** Whether a column's cells are lists of the same names put together anew: fewer names than different cells. */
const areLists = ({ kind, names = 0, distinct, meanLength }: ColumnProfile) =>
  kind !== "empty" && kind !== "number" && meanLength <= 60 && names >= 2 && names < distinct;

function guess(columns: readonly ColumnProfile[]) {
  let best = { confidence: 0, columns: {} as Record<string, string> };
  for (const text of columns)
    for (const labels of columns) {
      if (text === labels || !areLists(labels)) continue;
      const confidence = Math.min(1, ((textScore(text) + 1) / 2) * fullness(columns, text, labels));
      if (confidence > best.confidence)
        best = { confidence, columns: { text: text.name, labels: labels.name } };
    }
  return best;
}

/** Any number of labels for a text. */
export const textMultiLabel: Task<string, readonly string[], SeveralLabelsOutput> = {
  id: "text-multi-label",
  roles: [
    { name: "text", part: "input", kind: "text", required: true },
    { name: "labels", part: "target", kind: "labels", required: true },
  ],
  input: z.string(),
  target: z.array(z.string()),
  output: outputSchema,
  guess,
  metrics: ["micro_f1", "macro_f1", "exact"],
  view: "several",
  recipes: ["lexical", "head", "wide", "lora"],
  leaves: true,
  chat: ({ labels }) => ({ content: assigned(labels).join(", "), choices: [] }),
  cells: {
    names: () => ["labels", "probabilities"],
    of: ({ labels }) => [
      assigned(labels).join("; "),
      labels
        .filter((one) => one.assigned)
        .map(({ probability }) => probability.toFixed(4))
        .join("; "),
    ],
  },
  engine: async () => (await import("./text-multi-label.engine")).engine,
};

const assigned = (labels: SeveralLabelsOutput["labels"]) =>
  labels.filter((one) => one.assigned).map(({ label }) => label);
