import { createWordSplitter } from "../base/words";
import { toCodePoints } from "../data/spans";
import { describeSurface } from "../data/surface";
import type { Transitions } from "../linear/chain";
import {
  createReader,
  decodeSpans,
  featuresOf,
  plainTransitions,
  type TaggedText,
  wordsOf,
} from "../recipes/tagger";
import type { SpansOutput } from "./text-entities";
import type { WordAnswers } from "./trials.answers";

/** What training settles beside the weights: [tags, tags] row-major, from the row's tag to the column's. */
export interface SpanSettings {
  transitions: readonly number[];
}

export const chainOf = ({ transitions }: SpanSettings, labels: readonly string[]): Transitions => ({
  ...plainTransitions(labels.length),
  scores: Float64Array.from(transitions),
});

/** The most probable spans of a text, in code points. */
export const foundSpans: WordAnswers<TaggedText, SpansOutput, SpanSettings> = {
  inputs: ["text"],
  hasLabels: true,
  reader(base) {
    const read = createReader(createWordSplitter(base?.tokenize), base);
    return ([text = ""]) => read(text);
  },
  columns: (one) => describeSurface(wordsOf(one)),
  features: featuresOf,
  answering(settings, labels) {
    const chain = chainOf(settings, labels);
    return (one, scores) => {
      const found = decodeSpans(one, scores, chain, labels);
      const spans = found.map((span) => ({ ...span, text: one.text.slice(span.start, span.end) }));
      return { spans: toCodePoints(one.text, spans) };
    };
  },
};
