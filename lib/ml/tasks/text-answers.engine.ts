import { createWordSplitter } from "../base/words";
import { headAnswerer, lexicalAnswerer } from "../recipes/answer-head";
import { loraAnswerer } from "../recipes/answer-lora";
import { type AnswerData, type Answerer, type AnswerRecipe, createQuestionReader } from "../recipes/answerer";
import type { Engine } from "../task";
import type { AnswerOutput, Question, StoredAnswer } from "./text-answers";
import { exportAnswerer } from "./text-answers.export";
import {
  chooseSpanTemperature,
  evaluateAnswers,
  type JudgedRow,
  measure,
  trialOf,
} from "./text-answers.measure";
import { questionTask } from "./text-answers.predict";
import { type AnswerPlan, planAnswerRows } from "./text-answers.rows";
import { writeTrialArtifact } from "./trials.artifact";
import { openTuning, openWords, readFrozenWords } from "./trials.based";
import { openByWords } from "./trials.predict";
import { type TrialTask, trainByTrials } from "./trials.train";

export const answerTask: TrialTask<AnswerRecipe, AnswerPlan, AnswerData, Answerer, JudgedRow> = {
  recipes: [lexicalAnswerer, headAnswerer, loraAnswerer],
  plan: planAnswerRows,
  async read({ texts }, base, run) {
    if (!base) {
      const read = texts.map(createQuestionReader(createWordSplitter(), null));
      return { texts: read, hidden: 0, vectors: null, tuning: null };
    }
    const { split, hidden, ...own } = await openWords(base);
    const read = texts.map(createQuestionReader(split, own));
    return { texts: read, hidden, vectors: await readFrozenWords(read, base, run), tuning: null };
  },
  tune: async (data, base, order, run) => ({ ...data, tuning: await openTuning(base, order, run) }),
  trial: (recipe, data, plan) => trialOf(recipe.prepare(data), data, plan),
  ending: (data, plan, order) => ({
    task: "text-answers",
    labels: [],
    testHashes: plan.testHashes,
    measure,
    evaluate: (kind, judged) => evaluateAnswers(kind, judged, plan),
    write(answerer, dir, unseen) {
      const facts = { task: "text-answers", labels: [], base: order.base };
      return writeTrialArtifact(dir, { ...answerer, temperature: chooseSpanTemperature(unseen) }, facts, {});
    },
    tokensOf: (row) => data.texts[row]?.words.spans.length ?? 0,
  }),
};

export const engine: Engine<Question, StoredAnswer, AnswerOutput> = {
  recipes: answerTask.recipes,
  train: (order, run) => trainByTrials(answerTask, order, run),
  open: (dir, tokenizers) => openByWords(questionTask, dir, tokenizers),
  exportTo: exportAnswerer,
};
