import { z } from "zod";
import type { TableRow, Task } from "../task";
import { guessTable } from "./table-columns";
import { type LabelOutput, labelOutputSchema } from "./text-classification";

/** One class for a row of a table: churn, the risk of a default, an illness. */
export const tableClassification: Task<TableRow, string, LabelOutput> = {
  id: "table-classification",
  roles: [
    { name: "columns", part: "input", kind: "columns", required: true },
    { name: "label", part: "target", kind: "category", required: true },
  ],
  input: z.record(z.string(), z.union([z.string(), z.number(), z.null(), z.boolean().transform(String)])),
  target: z.string(),
  output: labelOutputSchema,
  guess: guessTable,
  metrics: ["accuracy", "macro_f1"],
  view: "labels",
  recipes: ["head", "dnn"],
  leaves: false,
  chat: ({ label, labels }) => ({ content: label, choices: labels }),
  cells: {
    names: () => ["label", "confidence"],
    of: ({ label, confidence }) => [label, Number(confidence.toFixed(4))],
  },
  engine: async () => (await import("./table-classification.engine")).engine,
};
