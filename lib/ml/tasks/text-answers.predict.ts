import { type AskedText, scoreAnswers } from "../recipes/answerer";
import type { AnswerOutput, Question } from "./text-answers";
import { type AnswerSettings, foundAnswer } from "./text-answers.answers";
import type { WordTask } from "./trials.predict";

/** An answerer as it is served. */
export const questionTask: WordTask<Question, AskedText, AnswerOutput, AnswerSettings> = {
  ...foundAnswer,
  texts: ({ question, context }) => [question, context],
  settingsOf: ({ manifest }) => ({ temperature: manifest.temperature }),
  score: ({ head }, one, vectors) => scoreAnswers(head, one, vectors),
};
