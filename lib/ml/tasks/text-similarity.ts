import { z } from "zod";
import type { ColumnProfile } from "../contract";
import type { Task } from "../task";
import { fullness, numberScore, textScore } from "./column-names";
import { answersNumber, type NumberOutput } from "./text-number";

const pairSchema = z.object({ text: z.string(), text_b: z.string() });
export type TextPair = z.infer<typeof pairSchema>;

const LEAST_LENGTH = 12;
const LEAST_LIKENESS = 0.6;

/** Two columns of texts of about one length beside a number; a title beside its text is no pair. */
function guess(columns: readonly ColumnProfile[]) {
  let best = { confidence: 0, columns: {} as Record<string, string> };
  const texts = columns.filter(({ kind, meanLength }) => kind === "text" && meanLength >= LEAST_LENGTH);
  for (const [i, one] of texts.entries())
    for (const other of texts.slice(i + 1))
      for (const number of columns) {
        const [short, long] = [
          Math.min(one.meanLength, other.meanLength),
          Math.max(one.meanLength, other.meanLength),
        ];
        if (short < LEAST_LIKENESS * long) continue;
        const both = Math.max(textScore(one), textScore(other));
        const confidence = both * numberScore(number) * fullness(columns, one, other, number);
        if (confidence > best.confidence)
          best = {
            confidence,
            columns: { text: one.name, text_b: other.name, number: number.name },
          };
      }
  return best;
}

/** A number for two texts: how alike they are, how well an answer fits its question. */
export const textSimilarity: Task<TextPair, number, NumberOutput> = {
  ...answersNumber,
  id: "text-similarity",
  roles: [
    { name: "text", part: "input", kind: "text", required: true },
    { name: "text_b", part: "input", kind: "text", required: true },
    { name: "number", part: "target", kind: "number", required: true },
  ],
  input: pairSchema,
  guess,
  engine: async () => (await import("./text-similarity.engine")).engine,
};
