import { z } from "zod";
import type { ColumnProfile } from "../contract";
import type { Task } from "../task";
import { textScore } from "./column-names";

const outputSchema = z.object({
  /** Assigned ones first, then by probability. */
  labels: z.array(z.object({ label: z.string(), probability: z.number(), assigned: z.boolean() })),
});
export type SeveralLabelsOutput = z.infer<typeof outputSchema>;

const LABELS_NAMES = /^(labels|tags|categories|topics|emotions|genres|keywords|标签|多标签)$/i;
const SEVERAL = /^\[.*\]$|[^\s,;|][,;|]\s*[^\s,;|]/;

/** Several names in a cell: a JSON list, or short words between separators. */
function labelsScore(column: ColumnProfile): number {
  if (column.kind === "empty" || column.kind === "number" || column.meanLength > 60) return 0;
  const several = column.examples.filter((cell) => SEVERAL.test(cell) && cell.split(/\s+/).length <= 8);
  if (several.length === 0) return 0;
  return (LABELS_NAMES.test(column.name) ? 0.6 : 0.2) + 0.4 * (several.length / column.examples.length);
}

function guess(columns: readonly ColumnProfile[]) {
  let best = { confidence: 0, columns: {} as Record<string, string> };
  for (const text of columns)
    for (const labels of columns) {
      const confidence = text === labels ? 0 : Math.min(textScore(text), 1) * labelsScore(labels);
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
  recipes: ["lexical", "head", "wide"],
  chat: ({ labels }) => ({ content: assigned(labels).join(", "), choices: [] }),
  cells: {
    names: ["labels", "probabilities"],
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
