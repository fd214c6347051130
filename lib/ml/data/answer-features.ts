/**
 * What a word of a context has to do with a question, before any model reads the two: the same words near it, and
 * whether it is written like what the question asks for. The features of the first SQuAD baseline (Rajpurkar et al.
 * 2016) without its parse trees.
 */

/** What a question may ask for, by its words; English, German, Chinese. */
const ASKS: readonly RegExp[] = [
  /\b(who|whom|whose|wer|wen|wem|wessen)\b|谁/iu,
  /\b(when|wann|what (year|date|day|month)|which (year|date|day|month)|welche[mns]? jahr)\b|(何时|什么时候|哪一?年)/iu,
  /\b(where|wo|wohin|woher|which (country|city|state)|what (country|city|state))\b|哪里|何处/iu,
  /\b(how (many|much|long|old|far|high|large|big)|wie ?(viele?|lange|alt|weit|hoch|groß))\b|多少|几/iu,
  /\b(why|warum|weshalb|wieso)\b|为什么|为何/iu,
  /\b(what|which|was|welche[mnrs]?)\b|什么|哪/iu,
];
/** How a word may be written. */
const WRITTEN: readonly ((word: string) => boolean)[] = [
  (word) => /^\p{Lu}\p{Ll}/u.test(word),
  (word) => /^\p{Ll}+$/u.test(word),
  (word) => /^\d{4}$/.test(word),
  (word) => /\p{N}/u.test(word),
  (word) => /^[\p{P}\p{S}]$/u.test(word),
  (word) =>
    /^(zero|one|two|three|four|five|six|seven|eight|nine|ten|hundred|thousand|million|billion)s?$/iu.test(
      word,
    ),
];
const REACHES = [2, 5, 10, 20];
const NEIGHBOURS = [-2, -1, 0, 1, 2];
export const ANSWER_COLUMNS =
  2 + REACHES.length * 2 + NEIGHBOURS.length * (1 + WRITTEN.length) + (ASKS.length + 1) * WRITTEN.length;

const SENTENCE_END = /^[.!?。！？]$/;
/** Words of one kind with different ends are taken for one: `found` and `founded`, `invention` and `invented`. */
const stemOf = (word: string) => word.normalize("NFKC").toLowerCase().slice(0, 5);

/** Columns of each word of the context, [words, ANSWER_COLUMNS] row-major. */
export function describeContext(question: readonly string[], context: readonly string[]): Float32Array {
  const asked = new Set(question.filter((word) => !/^[\p{P}\p{S}]$/u.test(word)).map(stemOf));
  const stems = context.map(stemOf);
  const counts = new Map<string, number>();
  for (const stem of stems) counts.set(stem, (counts.get(stem) ?? 0) + 1);
  // A word that stands everywhere in the context tells no place in it apart.
  const weights = stems.map((stem) =>
    asked.has(stem) ? Math.log(1 + context.length / (counts.get(stem) ?? 1)) : 0,
  );
  const total = [...asked].reduce(
    (sum, stem) => sum + Math.log(1 + context.length / Math.max(1, counts.get(stem) ?? 0)),
    0,
  );
  const shares = sentenceShares(context, stems, weights, total || 1);
  const best = Math.max(...shares, 0);
  const kinds = asksOf(question.join(" "));
  const written = context.map((word) => WRITTEN.map((is) => Number(is(word))));
  const none = WRITTEN.map(() => 0);
  const sumOver = (from: number, to: number) => {
    let sum = 0;
    for (let i = Math.max(0, from); i < Math.min(context.length, to); i++) sum += weights[i] as number;
    return sum / (total || 1);
  };
  return Float32Array.from(
    context.flatMap((_, i) => [
      shares[i] as number,
      Number(best > 0 && shares[i] === best),
      ...REACHES.flatMap((reach) => [sumOver(i - reach, i), sumOver(i + 1, i + 1 + reach)]),
      ...NEIGHBOURS.flatMap((offset) => [
        Number((weights[i + offset] ?? 0) > 0),
        ...(written[i + offset] ?? none),
      ]),
      ...kinds.flatMap((kind) => (written[i] ?? none).map((is) => kind * is)),
    ]),
  );
}

/** One for each kind of question that it may be, and one for none of them. */
function asksOf(question: string): number[] {
  const found = ASKS.map((ask) => Number(ask.test(question)));
  // "What year" is no "what": the first that fits says most.
  const first = found.indexOf(1);
  return [...found.map((_, i) => Number(i === first)), Number(first < 0)];
}

/** Of each word's sentence: the weight of the question's words in it, each counted once. */
function sentenceShares(
  context: readonly string[],
  stems: readonly string[],
  weights: readonly number[],
  total: number,
): number[] {
  const shares: number[] = [];
  for (let from = 0; from < context.length; ) {
    let to = from + 1;
    while (to < context.length && !SENTENCE_END.test(context[to - 1] ?? "")) to++;
    const seen = new Map<string, number>();
    for (let i = from; i < to; i++) seen.set(stems[i] ?? "", weights[i] as number);
    const share = [...seen.values()].reduce((sum, weight) => sum + weight, 0) / total;
    for (let i = from; i < to; i++) shares.push(share);
    from = to;
  }
  return shares;
}
