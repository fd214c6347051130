import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Forecast } from "../../lib/ml/contract";
import { assignFolds, contentHash, nestedOrder } from "../../lib/ml/data/split";
import { head } from "../../lib/ml/recipes/head";
import { lexical } from "../../lib/ml/recipes/lexical";
import { forecastAccuracy, type Measured, measureLearningCurve } from "../../lib/ml/report/learning-curve";
import { decide } from "../../lib/ml/report/metrics";
import { draws, embedOnDisk, report } from "../peer";
import { type LabelledRows, loadRows } from "../sets";

/**
 * "How many more rows": from 30 % of the training rows the curve forecasts the accuracy at 100 %, on held rows that
 * neither part has seen. Five published sets, ten draws each; the naive forecast beside it says that nothing
 * changes. Trials are kept on disk, so a changed forecast is judged on the same ones.
 * Run: `npm run bench -- engine learning-curve`.
 */
const NAME = "learning-curve";
/** The prior and the noise of the fit were chosen on draws 1 to 10; these are fresh. */
const SEEDS = Array.from({ length: 10 }, (_, i) => i + 11);
const SETS = ["banking77", "sms_spam", "goemotions", "goemotions_ekman", "zh_thucnews"];
const VISIBLE = 0.3;
/** The truth is measured on as many rows as there are, so that its own noise is small beside the forecast's. */
const [MOST_TRAIN, MOST_TEST] = [8000, 15_000];
const kept = join(homedir(), ".cache", "graft", "bench", NAME);

interface Trial {
  measured: Measured;
  trainRows: number;
  testRows: number;
  truth: number;
}

async function runTrial(set: string, data: LabelledRows, seed: number): Promise<Trial> {
  const { texts, labels, names } = data;
  const classes = names.length;
  const isLexical = set.startsWith("zh");
  const embeddings = isLexical ? null : await embedded(set, texts);
  const fitter = async () => {
    const prepared = await (isLexical ? lexical : head).prepare({
      texts,
      names: [],
      tuning: null,
      embeddings,
    });
    const options = { seed, signal: new AbortController().signal, onProgress: () => {} };
    return async (train: readonly number[], held: readonly number[]) => {
      const own = Int32Array.from(train, (row) => labels[row] ?? 0);
      const model = await prepared.fit(train, own, classes, options);
      return decide(prepared.logits(model, held), classes).predicted;
    };
  };
  const order = nestedOrder(labels, [...labels.keys()], seed);
  const train = order.slice(0, Math.min(MOST_TRAIN, Math.round(order.length * 0.8)));
  const test = order.slice(train.length);
  const visible = nestedOrder(labels, train, seed + 1000).slice(0, Math.round(train.length * VISIBLE));
  const own = Int32Array.from(visible, (row) => labels[row] ?? 0);
  const folds = assignFolds(
    visible.map((row) => contentHash(texts[row] ?? "")),
    own,
    classes,
    5,
    seed,
  );
  const answer = await fitter();
  const answerVisible = (some: readonly number[], held: readonly number[]) =>
    answer(
      some.map((i) => visible[i] ?? 0),
      held.map((i) => visible[i] ?? 0),
    );
  const isRight = visible.map(() => false);
  for (let fold = 0; fold < 5; fold++) {
    const every = [...visible.keys()];
    const held = every.filter((i) => folds[i] === fold);
    const predicted = await answerVisible(
      every.filter((i) => folds[i] !== fold),
      held,
    );
    for (const [at, i] of held.entries()) isRight[i] = predicted[at] === own[i];
  }
  const measured = await measureLearningCurve(own, folds, isRight, [0, 1, 2, 3, 4], seed, answerVisible);
  const predicted = await (await fitter())(train, test);
  const right = test.filter((row, at) => labels[row] === predicted[at]).length;
  return { measured, trainRows: train.length, testRows: test.length, truth: right / test.length };
}

const known = new Map<string, Float32Array[]>();
async function embedded(set: string, texts: readonly string[]): Promise<Float32Array[]> {
  const found = known.get(set) ?? (await embedOnDisk(NAME, texts));
  known.set(set, found);
  return found;
}

/** A trial's measurements as they are kept: packed, because a trial judges thousands of rows. */
async function trialOf(set: string, data: LabelledRows, seed: number): Promise<Trial> {
  const path = join(kept, `${set}-${seed}.json`);
  if (existsSync(path)) {
    const { measured, ...rest } = JSON.parse(readFileSync(path, "utf8"));
    return { ...rest, measured: { ...measured, labels: Int32Array.from(measured.labels) } };
  }
  const started = performance.now();
  const trial = await runTrial(set, data, seed);
  mkdirSync(kept, { recursive: true });
  writeFileSync(
    path,
    JSON.stringify({ ...trial, measured: { ...trial.measured, labels: [...trial.measured.labels] } }),
  );
  console.log(`${set} ${seed}: ${((performance.now() - started) / 1000).toFixed(0)} s`);
  return trial;
}

const rows: {
  set: string;
  seed: number;
  truth: number;
  now: number;
  forecast: Forecast | null;
  refusal: string | null;
}[] = [];
const sets = new Map(SETS.map((set) => [set, loadRows(NAME, set, MOST_TRAIN + MOST_TEST)]));
for (const seed of draws(SEEDS)) {
  for (const [set, data] of sets) {
    const { measured, trainRows, testRows, truth } = await trialOf(set, data, seed);
    const found = forecastAccuracy(measured, [trainRows], testRows);
    const now = measured.whole.filter(Boolean).length / measured.whole.length;
    const { forecast, refusal } =
      "refusal" in found
        ? { forecast: null, refusal: found.refusal }
        : { forecast: found.forecasts[0] ?? null, refusal: null };
    rows.push({ set, seed, truth, now, forecast, refusal });
  }
}
const given = rows.flatMap(({ forecast, ...row }) => (forecast ? [{ ...row, forecast }] : []));
const share = (list: readonly (typeof given)[number][], is: (row: (typeof given)[number]) => boolean) =>
  list.filter(is).length / Math.max(1, list.length);
const isNear = (row: (typeof given)[number]) => Math.abs(row.forecast.accuracy - row.truth) <= 0.015;
const isCovered = ({ forecast, truth }: (typeof given)[number]) =>
  truth >= forecast.low && truth <= forecast.high;
const bySet = SETS.map((set) => {
  const mine = given.filter((row) => row.set === set);
  const mean = (of: (row: (typeof given)[number]) => number) =>
    mine.reduce((sum, row) => sum + of(row), 0) / Math.max(1, mine.length);
  return {
    set,
    given: mine.length,
    refused: rows.filter((row) => row.set === set && row.refusal).length,
    now: mean((row) => row.now),
    truth: mean((row) => row.truth),
    forecast: mean((row) => row.forecast.accuracy),
    width: mean((row) => row.forecast.high - row.forecast.low),
    within: share(mine, isNear),
    covered: share(mine, isCovered),
  };
});
console.table(bySet);
const percent = (value: number) => `${(100 * value).toFixed(0)} %`;
report(
  "engine learning-curve",
  {
    claim: `accuracy at 100 % of the rows forecast from 30 % (${SETS.length} sets, ${rows.length / SETS.length} draws each), beside the forecast that nothing changes`,
    measured: `within 1.5 points in ${percent(share(given, isNear))} of ${given.length} forecasts (nothing changes: ${percent(share(given, (row) => Math.abs(row.now - row.truth) <= 0.015))}); the 90 % interval covers ${percent(share(given, isCovered))}; ${rows.length - given.length} refused`,
    target: "within 1.5 points in >= 80 %, coverage 85-95 %",
  },
  { bySet, rows },
);
