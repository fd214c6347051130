import type { Tokenize } from "../task";

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

/** A stretch of a text with the places of its tokens among those of the whole text, `to` excluded. */
export interface TokenSpan extends Span {
  from: number;
  to: number;
}

/**
 * The words of a text with their tokens. Where the tokenizer does not part what are two words to us, as in kana, all
 * between two spaces is one word; tokens of no word (punctuation, special ones) are in none.
 */
export function alignTokens(text: string, tokenize: Tokenize): TokenSpan[] {
  const { ids } = tokenize(text);
  const end = ids.length - 1;
  const bare = (part: string) => tokenize(part).ids.slice(1, -1);
  const words = wordsOf(text);
  const found: TokenSpan[] = [];
  let [at, word] = [1, 0];
  for (const match of text.matchAll(/\S+/g)) {
    const [from, to] = [match.index, match.index + match[0].length];
    const own: Span[] = [];
    for (; (words[word]?.start ?? to) < to; word++) own.push(words[word] as Span);
    const whole = bare(match[0]);
    const pieces = own.flatMap((span, i) => [
      bare(text.slice(own[i - 1]?.end ?? from, span.start)),
      bare(text.slice(span.start, span.end)),
    ]);
    pieces.push(bare(text.slice(own.at(-1)?.end ?? from, to)));
    const isParted = pieces.flatMap((piece) => [...piece]).join() === whole.join();
    if (!isParted && own[0])
      found.push({ start: own[0].start, end: own.at(-1)?.end ?? to, from: at, to: at + whole.length });
    for (let i = 0, next = at; isParted && i < own.length; i++) {
      const first = next + (pieces[2 * i]?.length ?? 0);
      next = first + (pieces[2 * i + 1]?.length ?? 0);
      found.push({ ...(own[i] as Span), from: first, to: next });
    }
    at += whole.length;
    if (at >= end) break;
  }
  // A text that was cut: what lies beyond has no tokens.
  return found.map((span) => ({ ...span, from: Math.min(span.from, end), to: Math.min(span.to, end) }));
}
