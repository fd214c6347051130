import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { hashRows } from "../../lib/ml/data/frozen-rows";
import { headAnswerer, lexicalAnswerer } from "../../lib/ml/recipes/answer-head";
import { loraAnswerer } from "../../lib/ml/recipes/answer-lora";
import type { AnswerRecipe } from "../../lib/ml/recipes/answerer";
import { isExact, meanOf, wordF1 } from "../../lib/ml/report/answer-metrics";
import type { TrainOrder } from "../../lib/ml/task";
import { answerTask } from "../../lib/ml/tasks/text-answers.engine";
import type { JudgedRow } from "../../lib/ml/tasks/text-answers.measure";
import { baseDir, hasBase, lone, openNative, report, skip } from "../peer";
import { questionRows } from "../sets";

/**
 * Questions of XQuAD (English) answered by a piece of their context, learnt from some 1,000 of them: F1 and exact match
 * by SQuAD's rules on contexts that no model had seen, by recipe, beside the best sentence that shares the question's
 * words (Richardson et al. 2013) which learns nothing. Run: `npm run bench -- engine answers`.
 */
const NAME = "answers";
if (!hasBase) skip(NAME, "the base is not installed; npm start fetches it");
await openNative(NAME);
const rows = questionRows(NAME);
const dir = mkdtempSync(join(tmpdir(), "graft-bench-answers-"));
const rowsPath = join(dir, "rows.ndjson");
writeFileSync(rowsPath, rows.map((row, line) => JSON.stringify({ line, ...row })).join("\n"));
const base = { id: "minilm-l6", dir: baseDir, sha256: "" };
const order: TrainOrder = {
  rowsPath,
  rowsSha256: hashRows(rows.map((row) => ({ line: 0, ...row }))),
  validationRowsPath: null,
  splitPath: null,
  recipe: "auto",
  base,
  seed: 1,
  refit: false,
  budgetMinutes: 600,
};
const run = lone(dir);
const plan = await answerTask.plan(order, run);
const frozen = await answerTask.read(plan, base, run);
const data = await answerTask.tune(frozen, base, order, run);
const { train, test } = plan.rows;

function figuresOf(id: string, judged: readonly Pick<JudgedRow, "expected" | "answered">[], seconds: number) {
  const figures = {
    id,
    f1: meanOf(judged.map(wordF1)),
    exact: meanOf(judged.map((one) => Number(isExact(one)))),
    seconds,
  };
  console.log(JSON.stringify(figures));
  return figures;
}
async function measured(recipe: AnswerRecipe) {
  const trial = answerTask.trial(recipe, data, plan);
  const started = performance.now();
  const model = await trial.fit(train, { seed: 1, signal: run.signal, onProgress: () => {} });
  return figuresOf(recipe.id, trial.judge(model, test), (performance.now() - started) / 1000);
}
/** The sentence that shares most words with the question. */
function bestSentence({ question, context }: { question: string; context: string }): string {
  const asked = new Set(question.toLowerCase().match(/\p{L}+/gu));
  const shared = (sentence: string) =>
    new Set(
      sentence
        .toLowerCase()
        .match(/\p{L}+/gu)
        ?.filter((word) => asked.has(word)),
    ).size;
  return context.split(/(?<=[.!?])\s+/).reduce((a, b) => (shared(b) > shared(a) ? b : a));
}
const peer = figuresOf(
  "best sentence",
  test.flatMap((row) => {
    const one = plan.texts[row];
    return one ? [{ expected: one.answer, answered: bestSentence(one) }] : [];
  }),
  0,
);
const lexical = await measured(lexicalAnswerer);
const head = await measured(headAnswerer);
const lora = await measured(loraAnswerer);
rmSync(dir, { recursive: true });
const percent = ({ f1, exact }: typeof peer) =>
  `${(100 * f1.value).toFixed(1)} / ${(100 * exact.value).toFixed(1)}`;
report(
  "engine answers",
  {
    claim: `F1 / exact match on ${test.length} questions of XQuAD (English) about contexts not seen, learnt from ${train.length}, by recipe, beside the sentence with most words of the question`,
    measured: `lexical ${percent(lexical)}, head ${percent(head)}, lora ${percent(lora)}; best sentence ${percent(peer)}`,
    target: "every recipe above the best sentence; head and lora above lexical",
  },
  { peer, lexical, head, lora },
);
