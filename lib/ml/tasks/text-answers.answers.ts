import { createWordSplitter } from "../base/words";
import { toCodePoints } from "../data/spans";
import { type AskedText, bestAnswer, createQuestionReader } from "../recipes/answerer";
import type { AnswerOutput } from "./text-answers";
import type { WordAnswers } from "./trials.answers";

/** What training settles beside the weights. */
export interface AnswerSettings {
  /** Of the probabilities of pieces. */
  temperature: number;
}

/** The most probable piece of a context, in code points. */
export const foundAnswer: WordAnswers<AskedText, AnswerOutput, AnswerSettings> = {
  inputs: ["question", "context"],
  hasLabels: false,
  reader(base) {
    const read = createQuestionReader(createWordSplitter(base?.tokenize), base);
    return ([question = "", context = ""]) => read({ question, context });
  },
  columns: (one) => one.columns,
  answering:
    ({ temperature }) =>
    (one, scores) => {
      const best = bestAnswer(scores, temperature);
      const [first, last] = [best?.first, best?.last].map((word) => one.words.spans[word ?? -1]);
      if (!best || !first || !last) return { text: "", start: 0, end: 0, confidence: 0 };
      const [place] = toCodePoints(one.context, [{ start: first.start, end: last.end }]);
      const text = one.context.slice(first.start, last.end);
      return { text, start: place?.start ?? 0, end: place?.end ?? 0, confidence: best.confidence };
    },
};
