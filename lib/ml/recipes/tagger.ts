import type { Encoder } from "../base/encoder";
import type { Lora } from "../base/lora-shape";
import { cutWindows, type Window, type WordBase } from "../base/windows";
import type { Words } from "../base/words";
import type { Hyperparameters } from "../contract";
import type { Counts } from "../data/features";
import { allowedFirst, allowedMoves, beginOf, insideOf, type Span, tagsFor, toSpans } from "../data/spans";
import { describeSurface, SURFACE_COLUMNS } from "../data/surface";
import { countWordFeatures } from "../data/word-features";
import {
  bestTags,
  exponentials,
  type Lattice,
  passChain,
  segmentProbability,
  type Transitions,
} from "../linear/chain";
import { joinColumns } from "../linear/matrix";
import { addNgramLogits, type NgramBlock } from "../linear/ngram-block";
import { denseLogits, type LinearHead } from "../linear/softmax-head";
import type { Recipe } from "../task";
import type { Checkpoint } from "../train/loop";
import type { Readable } from "./adapter-readings";

/** A fitted tagger of words; the union of what an artifact can hold. */
export interface Tagger {
  kind: "lexical" | "wide" | "lora";
  /** Over a word's vector with its surface columns; without inputs when no base is read. */
  head: LinearHead;
  /** What the word's features add; null when only vectors count. */
  features: NgramBlock | null;
  transitions: Transitions;
  lora: Lora | null;
}

/** A text as taggers read it. */
export interface TaggedText {
  text: string;
  words: Words;
  /** What the base reads of it; none when no base is there. */
  windows: Window[];
}

/** What a tag recipe is given; texts are numbered. */
export interface TagData {
  texts: readonly TaggedText[];
  hidden: number;
  /** Of each text, its words' vectors under the frozen base [words, hidden]; null when no base is there. */
  vectors: readonly Float32Array[] | null;
  tuning: { encoder: Encoder; ordered: Hyperparameters; checkpoint(fit: unknown): Checkpoint } | null;
}
export interface TagFitOptions {
  seed: number;
  signal: AbortSignal;
  onProgress(share: number): void;
}
export interface PreparedTagger extends Readable<Tagger> {
  /** `tags` has the tag numbers of each row's words. */
  fit(
    rows: readonly number[],
    tags: readonly Int32Array[],
    labels: number,
    options: TagFitOptions,
  ): Promise<Tagger>;
  /** Scores [words, tags] of each row. */
  scores(tagger: Tagger, rows: readonly number[]): Float32Array[];
  /** The settings of the last fit, for the report; absent where there are none. */
  effective?(): Record<string, number>;
}
export interface TagRecipe extends Recipe {
  prepare(data: TagData): PreparedTagger;
}

export const wordsOf = ({ text, words }: TaggedText): string[] =>
  words.spans.map(({ start, end }) => text.slice(start, end));
export const featuresOf = (one: TaggedText): Counts[] => countWordFeatures(wordsOf(one));

/** Reads texts for a base of which the special tokens stand around every sequence; without one as words alone. */
export function createReader(split: (text: string) => Words, base: WordBase | null) {
  const [first = 0, last = 0] = base?.tokenize("").ids ?? [];
  const options = base && {
    maxTokens: base.maxTokens,
    before: Int32Array.of(first),
    after: Int32Array.of(last),
  };
  return (text: string): TaggedText => {
    const words = split(text);
    return { text, words, windows: options ? cutWindows(words, options) : [] };
  };
}

/** Without a score of its own: any tag may begin or go on with what the scheme allows. */
export const plainTransitions = (labels: number): Transitions => ({
  tags: tagsFor(labels),
  scores: new Float64Array(tagsFor(labels) ** 2),
  isAllowed: allowedMoves(labels),
  isFirst: allowedFirst(labels),
});

/** Scores [words, tags] of one text, given its words' vectors where the tagger reads any. In training and serving. */
export function scoreWords(
  { head, features }: Pick<Tagger, "head" | "features">,
  one: TaggedText,
  vectors: Float32Array | null,
): Float32Array {
  const rows = one.words.spans.length;
  const values = vectors
    ? joinColumns(vectors, head.inputs - SURFACE_COLUMNS, describeSurface(wordsOf(one)), SURFACE_COLUMNS)
    : new Float32Array(0);
  const scores = denseLogits(head, { rows, columns: head.inputs, values });
  if (features) addNgramLogits(features, featuresOf(one), scores);
  return scores;
}

export interface FoundSpan extends Span {
  /** The probability of exactly this span with this label, over all ways to tag the text. */
  confidence: number;
}

/** The most probable spans of a text, from its words' scores. */
export function decodeSpans(
  { words }: TaggedText,
  scores: Float32Array,
  transitions: Transitions,
  labels: readonly string[],
): FoundSpan[] {
  const n = words.spans.length;
  if (n === 0) return [];
  const lattice = passChain(scores, 0, n, transitions, exponentials(transitions));
  return bestSpans(words, scores, transitions, labels).map((found) => {
    const { from, to, ...span } = found;
    return { ...span, confidence: spanProbability(lattice, found, labels) };
  });
}

type SpanOfWords = ReturnType<typeof toSpans>[number];

/** The spans of the best way to tag a text, with their words. */
export const bestSpans = (
  { spans }: Words,
  scores: Float32Array,
  transitions: Transitions,
  labels: readonly string[],
): SpanOfWords[] => toSpans(spans, bestTags(scores, 0, spans.length, transitions), labels);

/** The probability of exactly this span with its label, over all ways to tag the text. */
export function spanProbability(lattice: Lattice, span: SpanOfWords, labels: readonly string[]): number {
  const label = labels.indexOf(span.label);
  const { from, to } = span;
  const path = Array.from({ length: to - from }, (_, i) => (i === 0 ? beginOf(label) : insideOf(label)));
  return segmentProbability(lattice, from, path, insideOf(label));
}
