import { join } from "node:path";
import { openBackend } from "../../lib/ml/backend";
import { BASES, DEFAULT_BASE } from "../../lib/ml/catalogue";
import { contentHash, nestedOrder } from "../../lib/ml/data/split";
import { wordsOf } from "../../lib/ml/recipes/class-names";
import { head } from "../../lib/ml/recipes/head";
import { lexical } from "../../lib/ml/recipes/lexical";
import { lora } from "../../lib/ml/recipes/lora";
import { wide } from "../../lib/ml/recipes/wide";
import { decide } from "../../lib/ml/report/metrics";
import type { TrainOrder } from "../../lib/ml/task";
import { embedRows, openTuning } from "../../lib/ml/tasks/text-classification.based";
import { choose, isForeignScript } from "../../lib/ml/tasks/text-classification.choose";
import { createComparison } from "../../lib/ml/tasks/text-classification.comparison";
import { labelsOf, type Plan } from "../../lib/ml/tasks/text-classification.rows";
import { baseDir, draws, hasBase, lone, openNative, report, skip } from "../peer";
import { type LabelledRows, loadRows } from "../sets";

/**
 * A2: what tuning is worth over the frozen head, and whether `auto` picks the best recipe. Every trial goes the way
 * of a training: recipes with their own choices compared out of fold, one chosen, each refitted on all training rows
 * and measured on rows that took no part. Run: `npm run bench -- engine tuned`.
 */
const NAME = "tuned";
const SEEDS = [1, 2, 3, 4, 5];
const SIZES = [8, 64];
const TRIALS = ["sms_spam", "goemotions_polarity", "goemotions_ekman", "zh_thucnews", "banking77"];
const MOST_TEST = 2000;
/** No recipe is left out for its time here: the bench measures what each is worth. */
const NO_LIMIT_MINUTES = 1e6;

if (!hasBase) skip(NAME, "the base is not installed; npm start fetches it");
await openNative(NAME);
await openBackend({ threads: 2 });
const base = {
  id: BASES[DEFAULT_BASE].id,
  dir: baseDir,
  sha256: BASES[DEFAULT_BASE].files["model.safetensors"],
};

/** So many rows of each class to train on, others to measure on. */
function planOf({ texts, labels, names }: LabelledRows, shots: number, seed: number): Plan {
  const counts = names.map(() => 0);
  const isTaught = (row: number) => {
    const label = labels[row] as number;
    counts[label] = (counts[label] ?? 0) + 1;
    return (counts[label] as number) <= shots;
  };
  const order = nestedOrder(labels, [...labels.keys()], seed);
  const train = order.filter(isTaught);
  const taught = new Set(train);
  const test = order.filter((row) => !taught.has(row)).slice(0, MOST_TEST);
  const rows = { lines: [...labels.keys()], texts, labels, hashes: texts.map(contentHash) };
  return { rows, names, train, test, testHashes: [], unknownLabels: 0 };
}

async function runTrial(set: string, data: LabelledRows, shots: number, seed: number) {
  const whole = planOf(data, shots, seed);
  // Only these rows are tokenised and embedded.
  const used = [...whole.train, ...whole.test];
  const rows = {
    lines: used,
    texts: used.map((row) => data.texts[row] ?? ""),
    labels: Int32Array.from(used, (row) => data.labels[row] as number),
    hashes: used.map((row) => whole.rows.hashes[row] ?? ""),
  };
  const train = whole.train.map((_, i) => i);
  const plan: Plan = { ...whole, rows, train, test: whole.test.map((_, i) => train.length + i) };
  const order: TrainOrder = {
    rowsPath: "",
    rowsSha256: `${set}-${shots}-${seed}`,
    validationRowsPath: null,
    splitPath: null,
    recipe: "auto",
    base,
    seed,
    refit: false,
    budgetMinutes: NO_LIMIT_MINUTES,
  };
  const run = lone(join(process.env.TMPDIR ?? "/tmp", "graft-bench-tuned"));
  const words = plan.names.map(wordsOf);
  const texts = [...rows.texts, ...words];
  const recipes = [lexical, head, wide, lora];
  const compared = createComparison(order, recipes, plan, run);
  const embeddings = await embedRows(texts, base, run);
  const tuning = await openTuning(texts, base, order, run);
  for (const recipe of recipes)
    await compared.add(recipe, { texts: rows.texts, names: words, embeddings, tuning });
  const right: Record<string, number> = {};
  for (const { recipe, prepared } of compared.candidates) {
    const options = { seed, signal: run.signal, onProgress: () => {} };
    const classes = plan.names.length;
    const model = await prepared.fit(plan.train, labelsOf(plan, plan.train), classes, options);
    const { predicted } = decide(prepared.logits(model, plan.test), classes);
    const labels = labelsOf(plan, plan.test);
    right[recipe.id] = (100 * predicted.filter((label, i) => label === labels[i]).length) / labels.length;
  }
  tuning.encoder.dispose();
  const { chosen } = choose(compared.candidates, isForeignScript(rows.texts));
  const settings = compared.candidates.find(({ recipe }) => recipe === lora)?.prepared.effective();
  return { set, shots, seed, trained: train.length, right, chosen: chosen.recipe.id, settings };
}

type Trial = Awaited<ReturnType<typeof runTrial>>;
const trials: Trial[] = [];
const sets = new Map(TRIALS.map((set) => [set, loadRows(NAME, set, 15_000)]));
for (const seed of draws(SEEDS))
  for (const shots of SIZES)
    for (const [set, data] of sets) {
      const trial = await runTrial(set, data, shots, seed);
      console.log(JSON.stringify(trial));
      trials.push(trial);
    }

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
const gainOf = ({ right }: Trial) => (right.lora ?? 0) - (right.head ?? 0);
const lostOf = ({ right, chosen }: Trial) => Math.max(...Object.values(right)) - (right[chosen] ?? 0);
const bySet = SIZES.flatMap((shots) =>
  TRIALS.map((set) => {
    const mine = trials.filter((trial) => trial.set === set && trial.shots === shots);
    const of = (recipe: string) => Number(mean(mine.map(({ right }) => right[recipe] ?? 0)).toFixed(1));
    return {
      shots,
      set,
      lexical: of("lexical"),
      head: of("head"),
      wide: of("wide"),
      lora: of("lora"),
      gain: Number(mean(mine.map(gainOf)).toFixed(1)),
      auto: mine.map(({ chosen }) => chosen).join(", "),
      autoBelowBest: Number(mean(mine.map(lostOf)).toFixed(1)),
    };
  }),
);
console.table(bySet);
const gainAt = (shots: number) =>
  mean(trials.filter((trial) => trial.shots === shots).map(gainOf)).toFixed(1);
report(
  "engine tuned",
  {
    claim: `A2: the tuned encoder over the frozen head, points of accuracy, mean of ${TRIALS.length} sets (${trials.length / TRIALS.length / SIZES.length} draws each)`,
    measured: `+${gainAt(8)} at 8 rows a class, +${gainAt(64)} at 64; what auto chose is ${mean(trials.map(lostOf)).toFixed(1)} points below the best of four recipes on the test rows`,
    target: ">= +5 at 8, >= +7 at 64",
  },
  { bySet, trials },
);
