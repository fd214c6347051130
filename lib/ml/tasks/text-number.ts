import { z } from "zod";
import { type ColumnProfile, explanationSchema } from "../contract";
import type { Task } from "../task";
import { fullness, numberScore, textScore } from "./column-names";

const outputSchema = z.object({
  value: z.number(),
  /** The taught number that is meant, where all taught numbers are levels of one scale. */
  level: z.number().optional(),
  /** Holds the truth of a new row in the stated share of cases. */
  interval: z.object({ low: z.number(), high: z.number(), coverage: z.number() }),
  explanation: explanationSchema.optional(),
});
export type NumberOutput = z.infer<typeof outputSchema>;

/** Where two texts fit beside the number, one of them alone is not what is meant. */
const ALONE = 0.95;

function guess(columns: readonly ColumnProfile[]) {
  let best = { confidence: 0, columns: {} as Record<string, string> };
  for (const text of columns)
    for (const number of columns) {
      if (text === number || text.kind === "number") continue;
      const confidence = ALONE * textScore(text) * numberScore(number) * fullness(columns, text, number);
      if (confidence > best.confidence)
        best = { confidence, columns: { text: text.name, number: number.name } };
    }
  return best;
}

/** What tasks that answer a number have in common. */
export const answersNumber = {
  target: z.number(),
  output: outputSchema,
  metrics: ["pearson", "spearman", "mae"],
  view: "number",
  recipes: ["lexical", "head", "wide", "lora"],
  leaves: true,
  chat: ({ value, level }: NumberOutput) => ({
    content: String(level ?? Number(value.toFixed(3))),
    choices: [],
  }),
  cells: {
    names: (labels) => ["value", "low", "high", ...(labels.length > 0 ? ["level"] : [])],
    of: ({ value, level, interval: { low, high } }: NumberOutput) => [
      ...[value, low, high].map((one) => Number(one.toFixed(4))),
      ...(level === undefined ? [] : [level]),
    ],
  },
} as const satisfies Partial<Task<never, number, NumberOutput>>;

/** A number for a text: stars, a grade, a price. */
export const textNumber: Task<string, number, NumberOutput> = {
  ...answersNumber,
  id: "text-number",
  roles: [
    { name: "text", part: "input", kind: "text", required: true },
    { name: "number", part: "target", kind: "number", required: true },
  ],
  input: z.string(),
  guess,
  engine: async () => (await import("./text-number.engine")).engine,
};
