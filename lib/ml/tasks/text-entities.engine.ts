import { lexicalTagger, wideTagger } from "../recipes/tag-chain";
import { loraTagger } from "../recipes/tag-lora";
import type { TagData, Tagger, TagRecipe } from "../recipes/tagger";
import type { Engine } from "../task";
import type { SpansOutput, WireSpan } from "./text-entities";
import { writeTagger } from "./text-entities.artifact";
import { readAlone, readWithBase } from "./text-entities.data";
import { exportTagger } from "./text-entities.export";
import { evaluateSpans, type JudgedSpans, measure, trialOf } from "./text-entities.measure";
import { spanTask } from "./text-entities.predict";
import { planSpanRows, type SpanPlan } from "./text-entities.rows";
import { openTuning } from "./trials.based";
import { openByWords } from "./trials.predict";
import { type TrialTask, trainByTrials } from "./trials.train";

const task: TrialTask<TagRecipe, SpanPlan, TagData, Tagger, JudgedSpans> = {
  recipes: [lexicalTagger, wideTagger, loraTagger],
  plan: planSpanRows,
  async read({ texts }, base, run) {
    const read = texts.map(({ text }) => text);
    return base ? readWithBase(read, base, run) : readAlone(read);
  },
  tune: async (data, base, order, run) => ({ ...data, tuning: await openTuning(base, order, run) }),
  trial: (recipe, data, plan) => trialOf(recipe.prepare(data), data, plan),
  ending: (data, plan, order) => ({
    task: "text-entities",
    labels: plan.labels,
    testHashes: plan.testHashes,
    measure,
    evaluate: (kind, judged) => evaluateSpans(kind, judged, plan),
    write: (tagger, dir) =>
      writeTagger(dir, tagger, { base: order.base, labels: plan.labels, task: "text-entities" }),
    tokensOf: (row) => data.texts[row]?.words.spans.length ?? 0,
  }),
};

export const engine: Engine<string, WireSpan[], SpansOutput> = {
  recipes: task.recipes,
  train: (order, run) => trainByTrials(task, order, run),
  open: (dir, tokenizers) => openByWords(spanTask, dir, tokenizers),
  exportTo: exportTagger,
};
