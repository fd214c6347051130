import type { AnswersEvaluation } from "../evaluation";
import {
  type AnswerData,
  type Answerer,
  bestAnswer,
  type PreparedAnswerer,
  spanLoss,
  type WordSpan,
  wordsAt,
} from "../recipes/answerer";
import { isExact, type JudgedAnswer, meanDifference, meanOf, wordF1 } from "../report/answer-metrics";
import type { AnswerPlan } from "./text-answers.rows";
import type { Measure, Trial } from "./trials";

/** Questions answered worst that a report shows. */
const SHOWN = 50;
const SHOWN_CHARACTERS = 2000;

export interface JudgedRow extends JudgedAnswer {
  row: number;
  /** Of the context's words, [words, 2], and which of them are right. */
  logits: Float32Array;
  right: WordSpan;
}

const f1Of = (judged: readonly JudgedRow[]) => judged.map(wordF1);
export const measure: Measure<JudgedRow> = {
  metric: "answer_f1",
  of: (judged) => meanOf(f1Of(judged)),
  difference: (one, other) => meanDifference(f1Of(one), f1Of(other)),
};

/** A prepared recipe over the plan's rows. */
export function trialOf(
  prepared: PreparedAnswerer,
  data: AnswerData,
  plan: AnswerPlan,
): Trial<Answerer, JudgedRow> {
  const rightOf = (row: number): WordSpan => {
    const [one, own] = [data.texts[row], plan.texts[row]];
    return one && own ? wordsAt(one.words, own.start, own.end) : { first: 0, last: 0 };
  };
  return {
    ...prepared,
    fit: (rows, options) => prepared.fit(rows, rows.map(rightOf), options),
    judge(answerer, rows) {
      const logits = prepared.logits(answerer, rows);
      return rows.map((row, i) => {
        const { context = "", words } = data.texts[row] ?? {};
        const own = logits[i] as Float32Array;
        const best = bestAnswer(own, answerer.temperature);
        const from = words?.spans[best?.first ?? -1]?.start ?? 0;
        const to = words?.spans[best?.last ?? -1]?.end ?? 0;
        const expected = plan.texts[row]?.answer ?? "";
        return { row, expected, answered: context.slice(from, to), logits: own, right: rightOf(row) };
      });
    },
    effective: () => prepared.effective?.() ?? {},
  };
}

const TEMPERATURES = [0.5, 0.7, 0.85, 1, 1.2, 1.5, 2, 2.5, 3, 4];
/** The temperature under which the right pieces of unseen contexts are most probable (Guo et al. 2017). */
export function chooseSpanTemperature(unseen: readonly JudgedRow[]): number {
  const lossAt = (temperature: number) =>
    unseen.reduce((sum, { logits, right }) => sum + spanLoss(logits, right, temperature), 0);
  const losses = TEMPERATURES.map(lossAt);
  return TEMPERATURES[losses.indexOf(Math.min(...losses))] ?? 1;
}

/** Everything that a report says about answers in contexts that the model had not seen. */
export function evaluateAnswers(
  kind: AnswersEvaluation["kind"],
  judged: readonly JudgedRow[],
  plan: AnswerPlan,
): AnswersEvaluation {
  const wrong = judged
    .map((one) => ({ ...one, f1: wordF1(one) }))
    .filter(({ f1, row }) => f1 < 1 && (plan.texts[row]?.context.length ?? 0) <= SHOWN_CHARACTERS)
    .sort((a, b) => a.f1 - b.f1 || a.row - b.row);
  return {
    measures: "answers",
    kind,
    n: judged.length,
    f1: meanOf(f1Of(judged)),
    exact: meanOf(judged.map((one) => Number(isExact(one)))),
    worst: wrong.slice(0, SHOWN).map(({ row, expected, answered }) => ({
      line: plan.texts[row]?.line ?? 0,
      question: plan.texts[row]?.question ?? "",
      text: plan.texts[row]?.context ?? "",
      expected,
      answered,
    })),
  };
}
