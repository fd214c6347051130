import { z } from "zod";
import type { ColumnProfile } from "../contract";
import type { Task } from "../task";

/** On the wire and in stored rows offsets are Unicode code points; `end` is exclusive. */
const spanSchema = z.object({
  start: z.number().int().min(0),
  end: z.number().int().min(1),
  label: z.string(),
});
export type WireSpan = z.infer<typeof spanSchema>;

const outputSchema = z.object({
  spans: z.array(
    spanSchema.extend({
      text: z.string(),
      /** The probability of exactly this span with this label. */
      confidence: z.number(),
    }),
  ),
});
export type SpansOutput = z.infer<typeof outputSchema>;

/** A column of lists of spans, and the longest texts beside it. */
function guess(columns: readonly ColumnProfile[]): ReturnType<Task["guess"]> {
  // Profiles cut long cells, so the beginning of a list tells.
  const spans = columns.find(({ examples }) => examples.some((cell) => /^\[\s*(\{\s*"|\[\s*\d)/.test(cell)));
  const texts = columns.filter((column) => column !== spans && column.kind !== "empty");
  const [text] = texts.sort((a, b) => b.meanLength - a.meanLength);
  return spans && text
    ? { confidence: 1, columns: { text: text.name, spans: spans.name } }
    : { confidence: 0, columns: {} };
}

export const textEntities: Task<string, WireSpan[], SpansOutput> = {
  id: "text-entities",
  roles: [
    { name: "text", part: "input", kind: "text", required: true },
    { name: "spans", part: "target", kind: "spans", required: true },
  ],
  input: z.string(),
  target: z.array(spanSchema),
  output: outputSchema,
  guess,
  metrics: ["span_f1"],
  view: "spans",
  recipes: ["lexical", "wide", "lora"],
  leaves: true,
  readsWords: true,
  chat: ({ spans }) => ({
    content: JSON.stringify(spans.map(({ label, text }) => ({ label, text }))),
    choices: [],
  }),
  cells: { names: () => ["spans"], of: ({ spans }) => [JSON.stringify(spans)] },
  engine: async () => (await import("./text-entities.engine")).engine,
};
