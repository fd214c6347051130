import type { Window, WordBase } from "../base/windows";
import type { Words } from "../base/words";
import type { Counts } from "../data/features";
import type { Texts } from "../portable/text-folder";

/** A text as its model reads it. */
export interface ReadWords {
  words: Words;
  /** What the base reads of it; none where no base is there. */
  windows: readonly Window[];
}

/**
 * How a task that answers with pieces of a text gets from texts to words and from the words' scores to an answer: here
 * and in an exported model alike, so nothing heavy may be needed for it.
 */
export interface WordAnswers<One extends ReadWords, Output, Settings> {
  /** Names of a row's texts. */
  inputs: readonly string[];
  /** Whether it chooses between labels. */
  hasLabels: boolean;
  /** Without a base what words look like is all that is read. */
  reader(base: WordBase | null): (texts: Texts) => One;
  /** What a head reads of the words beside their vectors, [words, columns]. */
  columns(one: One): Float32Array;
  /** What counts of each word in a table of features; absent where no model has one. */
  features?(one: One): Counts[];
  /** From the words' scores [words, outputs] to an answer, with what was settled in training. */
  answering(settings: Settings, labels: readonly string[]): (one: One, scores: Float32Array) => Output;
}

/** Tokens of a text as they are billed: those that the base reads; without one there are no pieces, and words count. */
export const tokensOf = ({ words, windows }: ReadWords): number =>
  windows.length > 0 ? windows.reduce((sum, { ids }) => sum + ids.length, 0) : words.spans.length;
