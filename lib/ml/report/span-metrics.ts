import type { Span } from "../data/spans";
import type { Estimate } from "../evaluation";
import { estimateOf, pairedEstimate, type Sums } from "./resample";

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

const sumsOf = (judged: readonly JudgedText[]): Sums => ({
  values: Float64Array.from(judged.map(countSpans).flatMap(({ gold, found, hit }) => [gold, found, hit])),
  width: 3,
});
const f1Of = ([gold = 0, found = 0, hit = 0]: Float64Array) => figuresOf({ gold, found, hit }).f1;

/** F1 of spans by the rules of `conlleval` (Tjong Kim Sang & De Meulder 2003), with its interval over texts. */
export const spanF1 = (judged: readonly JudgedText[]): Estimate => estimateOf(sumsOf(judged), f1Of);

/** F1 of one minus the other on the same texts, with its interval and standard error. */
export const spanDifference = (one: readonly JudgedText[], other: readonly JudgedText[]) =>
  pairedEstimate(sumsOf(one), sumsOf(other), f1Of);

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
