/** A piece of a text with a label. Offsets are UTF-16 units here, as in all strings; the wire has code points. */
export interface Span {
  start: number;
  /** Exclusive. */
  end: number;
  label: string;
}
type Place = Pick<Span, "start" | "end">;

/**
 * The tags of the BIO scheme (Ramshaw & Marcus 1995, in the form of CoNLL-2003 evaluations) over some labels:
 * 0 is outside, 1 + 2k begins label k, 2 + 2k goes on with it.
 */
export const beginOf = (label: number) => 1 + 2 * label;
export const insideOf = (label: number) => 2 + 2 * label;
export const tagsFor = (labels: number) => 1 + 2 * labels;
/** Whether a tag may follow another, [tags, tags] row-major: one goes on only with what has begun. */
export const allowedMoves = (labels: number): boolean[] =>
  Array.from({ length: tagsFor(labels) ** 2 }, (_, at) => {
    const [from, to] = [Math.floor(at / tagsFor(labels)), at % tagsFor(labels)];
    return to === 0 || to % 2 === 1 || from === to || from === to - 1;
  });
export const allowedFirst = (labels: number): boolean[] =>
  Array.from({ length: tagsFor(labels) }, (_, tag) => tag === 0 || tag % 2 === 1);

/** One tag a word; a word belongs to the span that it overlaps. Spans ascend and do not overlap. */
export function toTags(words: readonly Place[], spans: readonly Span[], labels: readonly string[]): number[] {
  let at = 0;
  let last: Span | undefined;
  return words.map((word) => {
    while ((spans[at]?.end ?? Number.POSITIVE_INFINITY) <= word.start) at++;
    const span = spans[at];
    if (!span || span.start >= word.end) return 0;
    const isNew = span !== last;
    last = span;
    const label = labels.indexOf(span.label);
    return isNew ? beginOf(label) : insideOf(label);
  });
}

/** The spans that tags stand for, with their words: `from` to `to`, exclusive. */
export function toSpans(words: readonly Place[], tags: ArrayLike<number>, labels: readonly string[]) {
  const spans: (Span & { from: number; to: number })[] = [];
  for (const [i, word] of words.entries()) {
    const tag = tags[i] ?? 0;
    const open = spans.at(-1);
    if (tag === 0) continue;
    const label = Math.floor((tag - 1) / 2);
    if (tag % 2 === 0 && open?.to === i) {
      open.end = word.end;
      open.to = i + 1;
    } else spans.push({ ...word, label: labels[label] ?? "", from: i, to: i + 1 });
  }
  return spans;
}

/** Spans whose offsets are Unicode code points, as the wire has them, with UTF-16 offsets instead. */
export function fromCodePoints(text: string, spans: readonly Span[]): Span[] {
  const units = unitsOf(text);
  return spans.map(({ start, end, label }) => ({
    start: units[start] ?? text.length,
    end: units[end] ?? text.length,
    label,
  }));
}
export function toCodePoints<T extends Place>(text: string, spans: readonly T[]): T[] {
  const points = new Map(unitsOf(text).map((unit, point) => [unit, point]));
  return spans.map((span) => ({
    ...span,
    start: points.get(span.start) ?? 0,
    end: points.get(span.end) ?? points.size,
  }));
}
/** The UTF-16 offset of each code point, and of the end. */
function unitsOf(text: string): number[] {
  let at = 0;
  const units = Array.from(text, (character) => {
    at += character.length;
    return at - character.length;
  });
  return [...units, at];
}
