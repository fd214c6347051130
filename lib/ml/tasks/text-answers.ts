import { z } from "zod";
import type { ColumnProfile } from "../contract";
import type { Task } from "../task";

const inputSchema = z.object({ question: z.string(), context: z.string() });
export type Question = z.infer<typeof inputSchema>;

/** `start` in Unicode code points of the context. */
const targetSchema = z.object({ answer: z.string(), start: z.number().int().min(0) });
export type StoredAnswer = z.infer<typeof targetSchema>;

const outputSchema = z.object({
  /** A piece of the context, as it stands there; empty when the context has no words. */
  text: z.string(),
  start: z.number().int(),
  end: z.number().int(),
  /** The probability of exactly this piece, over all pieces of the context. */
  confidence: z.number(),
});
export type AnswerOutput = z.infer<typeof outputSchema>;

const NAMES = {
  question: /^(question|query|frage|问题)$/i,
  context: /^(context|passage|paragraph|document|kontext|上下文|文章)$/i,
  answer: /^(answer|answers|antwort|答案)$/i,
  start: /^(start|answer_start|offset)$/i,
};

/** Three columns by their names; nothing in the cells themselves tells a question from any other text. */
function guess(columns: readonly ColumnProfile[]): ReturnType<Task["guess"]> {
  const found = Object.entries(NAMES).flatMap(([role, name]) => {
    const column = columns.find((one) => name.test(one.name));
    return column ? [[role, column.name] as const] : [];
  });
  const named = Object.fromEntries(found);
  const isWhole = named.question && named.context && named.answer;
  return isWhole ? { confidence: 1, columns: named } : { confidence: 0, columns: {} };
}

export const textAnswers: Task<Question, StoredAnswer, AnswerOutput> = {
  id: "text-answers",
  roles: [
    { name: "question", part: "input", kind: "text", required: true },
    { name: "context", part: "input", kind: "text", required: true },
    { name: "answer", part: "target", kind: "answer", required: true },
    { name: "start", part: "target", kind: "number", required: false },
  ],
  input: inputSchema,
  target: targetSchema,
  output: outputSchema,
  guess,
  metrics: ["answer_f1", "exact_answer"],
  view: "text",
  recipes: ["lexical", "head", "lora"],
  leaves: true,
  readsWords: true,
  chat: ({ text, confidence }) => ({
    content: text,
    choices: text ? [{ label: text, probability: confidence }] : [],
  }),
  cells: {
    names: () => ["answer", "confidence"],
    of: ({ text, confidence }) => [text, Number(confidence.toFixed(4))],
  },
  engine: async () => (await import("./text-answers.engine")).engine,
};
