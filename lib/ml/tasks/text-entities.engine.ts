import { join } from "node:path";
import { openBackend } from "../backend";
import { lexicalTagger, wideTagger } from "../recipes/tag-chain";
import { loraTagger } from "../recipes/tag-lora";
import type { TagData, Tagger, TagRecipe } from "../recipes/tagger";
import type { Engine, Run, TrainOrder, TrainResult } from "../task";
import type { SpansOutput, WireSpan } from "./text-entities";
import { writeTagger } from "./text-entities.artifact";
import { readAlone, readWithBase, withTuning } from "./text-entities.data";
import { evaluateSpans, type JudgedSpans, measure, trialOf } from "./text-entities.measure";
import { openTagger } from "./text-entities.predict";
import { planSpanRows, type SpanPlan } from "./text-entities.rows";
import { createTrials, recipesFor, type TrialRows, UNTUNED } from "./trials";
import { concludeTrials, type Ending } from "./trials.conclude";

const TASK = "text-entities";
/** Cheapest first. */
const RECIPES: readonly TagRecipe[] = [lexicalTagger, wideTagger, loraTagger];

export const engine: Engine<string, WireSpan[], SpansOutput> = { recipes: RECIPES, train, open: openTagger };

async function train(order: TrainOrder, run: Run): Promise<TrainResult> {
  const started = performance.now();
  run.stage("preprocess", "running");
  const backend = await openBackend({ threads: run.threads });
  const asked = recipesFor(RECIPES, order, backend);
  const plan = await planSpanRows(order);
  run.log(
    "info",
    `${plan.train.length} rows to train on, ${plan.test.length} to measure on, ${plan.labels.length} labels`,
  );
  if (plan.unknownLabels > 0)
    run.log("warn", `${plan.unknownLabels} spans of validation rows have a label that no training row has`);
  run.stage("preprocess", "done");
  run.stage("augment", "skipped", "these recipes learn from the rows as they are");
  const texts = plan.rows.map(({ text }) => text);
  const base = asked.some(({ needs }) => needs.base) ? order.base : null;
  if (!base) run.stage("base", "skipped", "these recipes need no base");
  let data = base ? await readWithBase(texts, base, run) : readAlone(texts);

  run.stage("fine-tune", "running");
  if (order.recipe === "auto" && !backend.canTune) run.log("info", UNTUNED);
  const all = [...new Set([lexicalTagger, ...asked])];
  const rows = rowsOf(plan);
  const trials = createTrials<Tagger, JudgedSpans>(all, rows, measure, order, run);
  const conclude = (dir: string) => {
    const { candidates, leftOut } = trials;
    const [floor] = candidates;
    if (!floor) throw new Error("no recipe was compared");
    const compared = {
      asked: candidates.filter(({ recipe }) => asked.some(({ id }) => id === recipe.id)),
      floor,
      leftOut,
    };
    const seconds = { total: Number(((performance.now() - started) / 1000).toFixed(2)) };
    return concludeTrials(compared, rows, endingOf(plan, data, order), order, run, { dir, seconds });
  };
  const add = (recipe: TagRecipe) => trials.add(recipe, () => trialOf(recipe.prepare(data), data, plan));
  for (const recipe of all.filter(({ needs }) => !needs.tuning)) await add(recipe);
  const tuned = all.filter(({ needs }) => needs.tuning);
  if (base && tuned.some(trials.fits)) {
    if (order.recipe === "auto") run.provisional(await conclude(join(run.dir, "provisional")));
    data = await withTuning(data, base, order, run);
    for (const recipe of tuned) await add(recipe);
  }
  run.stage("fine-tune", "done");
  run.stage("evaluate", "running");
  const result = await conclude(run.dir);
  run.stage("evaluate", "done");
  return result;
}

function rowsOf({ rows, train, test, labels }: SpanPlan): TrialRows {
  return {
    train,
    test,
    hashes: rows.map(({ hash }) => hash),
    // Whether a row marks anything, so that all parts have as many that do not.
    strata: Int32Array.from(rows, ({ spans }) => Number(spans.length > 0)),
    meanCharacters: rows.reduce((sum, { text }) => sum + text.length, 0) / rows.length,
    classes: labels.length,
  };
}

const endingOf = (plan: SpanPlan, data: TagData, order: TrainOrder): Ending<Tagger, JudgedSpans> => ({
  task: TASK,
  labels: plan.labels,
  testHashes: plan.testHashes,
  measure,
  evaluate: (kind, judged) => evaluateSpans(kind, judged, plan),
  write: (tagger, dir) => writeTagger(dir, tagger, { base: order.base, labels: plan.labels, task: TASK }),
  tokensOf: (row) => data.texts[row]?.words.spans.length ?? 0,
});
