import type { Encoder } from "../base/encoder";
import type { Lora } from "../base/lora-shape";
import { cutWindows, type Window, type WordBase } from "../base/windows";
import type { Words } from "../base/words";
import type { Hyperparameters } from "../contract";
import { ANSWER_COLUMNS, describeContext } from "../data/answer-features";
import { joinColumns } from "../linear/matrix";
import { denseLogits, type LinearHead } from "../linear/softmax-head";
import type { Recipe } from "../task";
import type { Checkpoint } from "../train/loop";
import type { Readable } from "./adapter-readings";

/** A fitted reader of contexts: of each word, how likely an answer begins and how likely it ends there. */
export interface Answerer {
  kind: "lexical" | "head" | "lora";
  /** [hidden + ANSWER_COLUMNS, 2], or without the hidden part when no base is read. */
  head: LinearHead;
  /** Of the probabilities of spans; chosen by the engine. */
  temperature: number;
  lora: Lora | null;
}

/** A question with its context, as answerers read them. */
export interface AskedText {
  context: string;
  words: Words;
  /** What the base reads: the question before each part of the context; none when no base is there. */
  windows: Window[];
  /** [words, ANSWER_COLUMNS]. */
  columns: Float32Array;
}
/** What an answer recipe is given; questions are numbered. */
export interface AnswerData {
  texts: readonly AskedText[];
  hidden: number;
  /** Of each context, its words' vectors under the frozen base [words, hidden]; null when no base is there. */
  vectors: readonly Float32Array[] | null;
  tuning: { encoder: Encoder; ordered: Hyperparameters; checkpoint(fit: unknown): Checkpoint } | null;
}
/** First and last word of an answer. */
export interface WordSpan {
  first: number;
  last: number;
}
export interface PreparedAnswerer extends Readable<Answerer> {
  fit(
    rows: readonly number[],
    answers: readonly WordSpan[],
    options: { seed: number; signal: AbortSignal; onProgress(share: number): void },
  ): Promise<Answerer>;
  /** Logits [words, 2] of each row. */
  logits(answerer: Answerer, rows: readonly number[]): Float32Array[];
  /** The settings of the last fit, for the report; absent where there are none. */
  effective?(): Record<string, number>;
}
export interface AnswerRecipe extends Recipe {
  prepare(data: AnswerData): PreparedAnswerer;
}

/** Longer questions are cut: what matters is said by then, and the context needs the room. */
const MAX_QUESTION_PIECES = 64;
const textsOf = (text: string, { spans }: Words) => spans.map(({ start, end }) => text.slice(start, end));

/** Reads questions with their contexts; without a tokenizer only what the words have in common. */
export function createQuestionReader(split: (text: string) => Words, base: WordBase | null) {
  const [first = 0, last = 0] = base?.tokenize("").ids ?? [];
  return ({ question, context }: { question: string; context: string }): AskedText => {
    const [asked, words] = [split(question), split(context)];
    const pieces = asked.pieces.flatMap((own) => [...own]).slice(0, MAX_QUESTION_PIECES);
    const options = base && {
      maxTokens: base.maxTokens,
      before: Int32Array.from([first, ...pieces, last]),
      after: Int32Array.of(last),
    };
    return {
      context,
      words,
      windows: options ? cutWindows(words, options) : [],
      columns: describeContext(textsOf(question, asked), textsOf(context, words)),
    };
  };
}

/** The words that a place in the context covers. */
export function wordsAt({ spans }: Words, start: number, end: number): WordSpan {
  const first = spans.findIndex((word) => word.end > start);
  const last = spans.findLastIndex((word) => word.start < end);
  return { first: Math.max(0, first), last: Math.max(0, first, last) };
}

/** Logits [words, 2] of one question, given its words' vectors where the answerer reads any. In training and serving. */
export function scoreAnswers(head: LinearHead, one: AskedText, vectors: Float32Array | null): Float32Array {
  const values = vectors
    ? joinColumns(vectors, head.inputs - ANSWER_COLUMNS, one.columns, ANSWER_COLUMNS)
    : one.columns;
  return denseLogits(head, { rows: one.words.spans.length, columns: head.inputs, values });
}

/** An answer has at most as many words as nearly all of SQuAD's. */
const MAX_WORDS = 30;

/** The most probable span and its probability, over all spans of at most `MAX_WORDS` words; null without words. */
export function bestAnswer(
  logits: Float32Array,
  temperature: number,
): (WordSpan & { confidence: number }) | null {
  const words = logits.length / 2;
  let best: (WordSpan & { score: number }) | null = null;
  const scores: number[] = [];
  for (let first = 0; first < words; first++)
    for (let last = first; last < Math.min(words, first + MAX_WORDS); last++) {
      const score = (logits[first * 2] as number) + (logits[last * 2 + 1] as number);
      scores.push(score);
      if (!best || score > best.score) best = { first, last, score };
    }
  if (!best) return null;
  const { first, last, score: most } = best;
  const total = scores.reduce((sum, score) => sum + Math.exp((score - most) / temperature), 0);
  return { first, last, confidence: 1 / total };
}

/** -log of the probability of a span among all spans of at most `MAX_WORDS` words; one that is longer counts alone. */
export function spanLoss(logits: Float32Array, { first, last }: WordSpan, temperature: number): number {
  const words = logits.length / 2;
  const scoreOf = (from: number, to: number) =>
    ((logits[from * 2] as number) + (logits[to * 2 + 1] as number)) / temperature;
  const own = scoreOf(first, last);
  let total = last - first < MAX_WORDS ? 0 : 1;
  for (let from = 0; from < words; from++)
    for (let to = from; to < Math.min(words, from + MAX_WORDS); to++)
      total += Math.exp(scoreOf(from, to) - own);
  return Math.log(total);
}
