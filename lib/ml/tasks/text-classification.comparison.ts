import { head } from "../recipes/head";
import { lexical } from "../recipes/lexical";
import type { AugmentationEffect, Prepared, TextData, TextRecipe } from "../recipes/text-recipe";
import type { Run, TrainOrder } from "../task";
import type { Candidate } from "./labels.compare";
import { compareLabels } from "./labels.comparison";
import type { Plan } from "./labels.rows";
import { orderedEffort } from "./ordered-effort";
import { choose, isForeignScript } from "./text-classification.choose";

export type TextCandidate = Candidate<TextRecipe, Prepared>;

/** Compares recipes over texts, the lexical one and the frozen head among them. */
export const createComparison = (order: TrainOrder, asked: readonly TextRecipe[], plan: Plan, run: Run) =>
  compareLabels<TextData, Prepared, TextRecipe>(order, asked, plan, run, {
    known: [lexical, head],
    profile: { ...profileOf(plan), ...orderedEffort(order) },
    choose: (candidates) => choose(candidates, isForeignScript(plan.rows.texts)),
    onCompared(prepared) {
      const effect = prepared.augmentation?.();
      if (effect) sayAugmentation(effect, run);
    },
  });

/** What is done to the words, with the share of them in percent. */
const CHANGES = {
  drop: (percent: number) => `${percent} % of the words are left out, others each time`,
  swap: (percent: number) => `${percent} % of the words change places with the next one, others each time`,
  synonym: (percent: number) => `${percent} % of the words give way to a word like them, others each time`,
};

function sayAugmentation({ kind, share, measured }: AugmentationEffect, run: Run): void {
  const percent = (of: number) => (of * 100).toFixed(1);
  if (!measured) {
    run.stage("augment", "skipped", "no row could be held out to see whether changing words helps");
    return;
  }
  const figures = `${percent(measured.with)} % right with it, ${percent(measured.without)} % without, on ${measured.rows} held-out rows`;
  if (kind === "none") run.stage("augment", "skipped", `changing words did not help: ${figures}`);
  else run.stage("augment", "done", `${CHANGES[kind](Math.round(share * 100))}: ${figures}`);
}

function profileOf(plan: Plan) {
  const rows = plan.rows.texts.length;
  const characters = plan.rows.texts.reduce((sum, text) => sum + Math.min(text.length, 4000), 0);
  // English has about four characters a word piece; languages without spaces have one or two.
  return { rows, classes: plan.names.length, meanTokens: characters / 4 / Math.max(1, rows) };
}
