/** The words of a text in any language, as the stretches of it that an explanation speaks of. */

/** A stretch of a text in UTF-16 units, `end` excluded. */
export interface Span {
  start: number;
  end: number;
}

const segmenter = new Intl.Segmenter(undefined, { granularity: "word" });
/** Letters, numbers and symbols (a currency, an emoji) speak; spaces and punctuation do not. */
const SPEAKS = /[\p{L}\p{N}\p{S}]/u;

/** Words by the dictionaries of ICU (Unicode Standard Annex 29), so also where no spaces stand between them. */
export function wordsOf(text: string): Span[] {
  const words: Span[] = [];
  for (const { segment, index } of segmenter.segment(text))
    if (SPEAKS.test(segment)) words.push({ start: index, end: index + segment.length });
  return words;
}

/** At most `most` stretches of neighbouring words, as even as can be. */
export function groupWords(words: readonly Span[], most: number): Span[] {
  const count = Math.min(words.length, most);
  return Array.from({ length: count }, (_, i) => {
    const first = words[Math.floor((i * words.length) / count)];
    const last = words[Math.floor(((i + 1) * words.length) / count) - 1];
    return { start: first?.start ?? 0, end: last?.end ?? 0 };
  });
}

/** Ascending stretches with their text, their places counted in Unicode code points. */
export function quoteSpans(text: string, spans: readonly Span[]) {
  let [unit, point] = [0, 0];
  const pointAt = (to: number) => {
    for (; unit < to; point++) unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
    return point;
  };
  return spans.map(({ start, end }) => ({
    start: pointAt(start),
    end: pointAt(end),
    text: text.slice(start, end),
  }));
}
