import type { Span } from "../data/spans";
import type { Estimate } from "../evaluation";
import { generator } from "../linear/svm";

/** One text with the spans that are right and those that were found. */
export interface JudgedText {
  gold: readonly Span[];
  found: readonly Span[];
}
/** How many spans are right, were found, and are both: exactly the same place and label. */
interface Counts {
  gold: number;
  found: number;
  hit: number;
}

const keyOf = ({ start, end, label }: Span) => `${start} ${end} ${label}`;
function countSpans({ gold, found }: JudgedText): Counts {
  const right = new Set(gold.map(keyOf));
  return {
    gold: gold.length,
    found: found.length,
    hit: found.filter((span) => right.has(keyOf(span))).length,
  };
}
const figuresOf = ({ gold, found, hit }: Counts) => ({
  precision: found ? hit / found : 0,
  recall: gold ? hit / gold : 0,
  f1: gold + found ? (2 * hit) / (gold + found) : 0,
});
function sumUp(counts: readonly Counts[]): Counts {
  const sum = { gold: 0, found: 0, hit: 0 };
  for (const one of counts) {
    sum.gold += one.gold;
    sum.found += one.found;
    sum.hit += one.hit;
  }
  return sum;
}

/** Draws of whole texts with replacement, for percentile intervals (Efron & Tibshirani 1993). */
const DRAWS = 400;
function bootstrap(rows: number, seed: number, measure: (draw: readonly number[]) => number) {
  const random = generator(seed);
  const values = Array.from({ length: DRAWS }, () =>
    measure(Array.from({ length: rows }, () => Math.floor(random() * rows))),
  ).sort((a, b) => a - b);
  return { low: values[Math.floor(DRAWS * 0.025)] ?? 0, high: values[Math.ceil(DRAWS * 0.975) - 1] ?? 1 };
}

/** F1 of spans by the rules of `conlleval` (Tjong Kim Sang & De Meulder 2003), with a 95 % interval over texts. */
export function spanF1(judged: readonly JudgedText[], seed = 1): Estimate {
  const counts = judged.map(countSpans);
  const value = figuresOf(sumUp(counts)).f1;
  const { low, high } = bootstrap(
    counts.length,
    seed,
    (draw) => figuresOf(sumUp(draw.map((row) => counts[row] as Counts))).f1,
  );
  return { value, low: Math.min(value, low), high: Math.max(value, high) };
}

/** F1 of one minus the other on the same texts: mean, 95 % interval and standard error over paired draws. */
export function spanDifference(
  one: readonly JudgedText[],
  other: readonly JudgedText[],
  seed = 1,
): Estimate & { error: number } {
  const [a, b] = [one.map(countSpans), other.map(countSpans)];
  const differ = (rows: readonly number[]) =>
    figuresOf(sumUp(rows.map((row) => a[row] as Counts))).f1 -
    figuresOf(sumUp(rows.map((row) => b[row] as Counts))).f1;
  const value = differ([...a.keys()]);
  const seen: number[] = [];
  const interval = bootstrap(a.length, seed, (draw) => {
    const found = differ(draw);
    seen.push(found);
    return found;
  });
  const mean = seen.reduce((sum, x) => sum + x, 0) / seen.length;
  const error = Math.sqrt(seen.reduce((sum, x) => sum + (x - mean) ** 2, 0) / (seen.length - 1));
  return { value, ...interval, error };
}

/** Precision, recall, F1 and number of right spans of each label, and of all of them. */
export function spanFigures(judged: readonly JudgedText[], labels: readonly string[]) {
  const only = (label: string) => (spans: readonly Span[]) => spans.filter((span) => span.label === label);
  const perLabel = labels.map((label) => {
    const own = only(label);
    const sum = sumUp(judged.map(({ gold, found }) => countSpans({ gold: own(gold), found: own(found) })));
    return { label, ...figuresOf(sum), support: sum.gold };
  });
  const all = sumUp(judged.map(countSpans));
  return { ...figuresOf(all), support: all.gold, perLabel };
}
