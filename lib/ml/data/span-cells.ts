import type { RowPart } from "./cells";
import type { Span } from "./spans";

/** A span that may say what it marks. */
export type SaidSpan = Span & { text?: string };
/** The longest label that is not taken for a mistake. */
const MAX_LABEL = 100;

/**
 * The spans of a cell: a JSON list of `{ start, end, label }` or `[start, end, label]`, offsets in code points. Null when
 * it cannot be read as that.
 */
export function parseSpans(cell: string): SaidSpan[] | null {
  try {
    const list: unknown = JSON.parse(cell);
    return Array.isArray(list) ? parseSpanList(list) : null;
  } catch {
    return null;
  }
}

export function parseSpanList(list: readonly unknown[]): SaidSpan[] | null {
  const spans = list.map(asSpan);
  return spans.every((span) => span !== null) ? spans : null;
}

function asSpan(item: unknown): SaidSpan | null {
  const fields = Array.isArray(item) ? { start: item[0], end: item[1], label: item[2] } : item;
  if (typeof fields !== "object" || fields === null) return null;
  const { start, end, label, text } = fields as Record<string, unknown>;
  if (typeof start !== "number" || typeof end !== "number" || typeof label !== "string") return null;
  const isSound =
    Number.isInteger(start) && Number.isInteger(end) && label.trim() && label.length <= MAX_LABEL;
  return isSound ? { start, end, label: label.trim(), ...(typeof text === "string" && { text }) } : null;
}

/**
 * Spans as they are stored: in order, without space at their ends, and of the text without space around it.
 * @param text as it stands in the file. Otherwise the kind of what is wrong with them.
 */
export function settleSpans(text: string, spans: readonly SaidSpan[]): { value: Span[] } | { fault: string } {
  const points = [...text];
  const before = points.findIndex((point) => point.trim() !== "");
  const settled: Span[] = [];
  for (const { start, end, label, text: said } of spans.toSorted((a, b) => a.start - b.start)) {
    if (start < 0 || end > points.length || start >= end) return { fault: "span_outside" };
    const marked = points.slice(start, end).join("");
    if (said !== undefined && said.trim() !== marked.trim()) return { fault: "span_text_differs" };
    if (marked.trim() === "") return { fault: "span_outside" };
    const from = start + [...marked].length - [...marked.trimStart()].length - before;
    const last = settled.at(-1);
    if (last && last.end > from) return { fault: "spans_overlap" };
    settled.push({ start: from, end: from + [...marked.trim()].length, label });
  }
  return { value: settled };
}

/**
 * An answer with its place in the trimmed context, in code points: where the row says, else where it stands first.
 * @param target the answer, or `{ answer, start }`. @param text the context as it stands in the file.
 */
export function settleAnswer(
  text: string,
  target: RowPart,
): { value: { answer: string; start: number } } | { fault: string } {
  const said = (typeof target === "object" ? target : { answer: target }) as {
    answer: string;
    start?: number;
  };
  const answer = said.answer.trim();
  const points = [...text];
  const before = points.length - [...text.trimStart()].length;
  const [context, length] = [text.trim(), [...answer].length];
  if (said.start === undefined) {
    const at = context.indexOf(answer);
    return at < 0
      ? { fault: "answer_not_in_context" }
      : { value: { answer, start: [...context.slice(0, at)].length } };
  }
  if (points.slice(said.start, said.start + length).join("") !== answer) return { fault: "answer_elsewhere" };
  return { value: { answer, start: said.start - before } };
}
