import { csvLine } from "../lib/ml/data/csv-write";
import { PAGES } from "./phrases/manuals";
import { ORDER_GREETINGS, ORDER_PHRASES, ORDER_VALUES } from "./phrases/orders";
import { type Dice, dice, upperFirst } from "./speech";

/** The samples whose answers are pieces of their texts. */

/** Messages with their slots as spans, one JSON object a line; an order number is made anew each time. */
function orderMails(d: Dice, count: number): string {
  const lines = new Set<string>();
  while (lines.size < count) {
    const spans: { start: number; end: number; label: string }[] = [];
    let text = d.pick(ORDER_GREETINGS);
    for (const piece of d.pick(ORDER_PHRASES).split(/(\{\w+\})/)) {
      const slot = /^\{(product|place|date|order)2?\}$/.exec(piece)?.[1];
      const value = slot === "order" ? `HV-${40_000 + d.below(9_000)}` : "";
      const said = slot ? value || d.pick(ORDER_VALUES[slot as keyof typeof ORDER_VALUES]) : piece;
      if (slot) spans.push({ start: text.length, end: text.length + said.length, label: slot });
      text += text === "" ? upperFirst(said) : said;
    }
    lines.add(`${JSON.stringify({ text: text + d.pick([".", ".", "?", ""]), spans })}\n`);
  }
  return [...lines].join("");
}

const manualQuestions = (): string =>
  csvLine(["question", "context", "answer"]) +
  PAGES.flatMap(({ text, asked }) =>
    asked.map(([question, answer]) => csvLine([question, text, answer])),
  ).join("");

export const makePieces = (): Record<string, string> => ({
  "order-mails.jsonl": orderMails(dice(20_260_304), 240),
  "manual-questions.csv": manualQuestions(),
});
