import { type AskedText, bestAnswer, spanLoss } from "../recipes/answerer";
import type { ExportOrder, Parity } from "../task";
import type { Question } from "./text-answers";
import type { AnswerSettings } from "./text-answers.answers";
import { questionTask } from "./text-answers.predict";
import { exportWords, type LeavingWords } from "./trials.export";

export const leavingAnswers: LeavingWords<Question, AskedText, AnswerSettings> = {
  // Quoted rows come as a context and its question, and every text is asked of the one before it.
  samples: (texts) => texts.map((context, i) => ({ context, question: texts[(i + 1) % texts.length] ?? "" })),
  differences(_, own, found, { temperature }) {
    const probability = (scores: Float32Array, span: NonNullable<ReturnType<typeof bestAnswer>>) =>
      Math.exp(-spanLoss(scores, span, temperature));
    return [own, found].flatMap((scores) => {
      const best = bestAnswer(scores, temperature);
      return best ? [probability(own, best) - probability(found, best)] : [];
    });
  },
};

/** Writes a trained answerer as files that run without the platform. Throws when they would answer otherwise. */
export const exportAnswerer = (order: ExportOrder): Promise<Parity> =>
  exportWords({ ...questionTask, ...leavingAnswers }, order);
