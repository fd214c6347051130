import { contentHash, nestedOrder } from "../../lib/ml/data/split";
import { head } from "../../lib/ml/recipes/head";
import { lexical } from "../../lib/ml/recipes/lexical";
import { describeCalibration } from "../../lib/ml/report/calibration";
import { crossValidate } from "../../lib/ml/tasks/labels.compare";
import { draws, embedBanking, embedOnDisk, lone, percent, report } from "../peer";
import { loadRows } from "../sets";

/**
 * Is "80 % sure" right eight times of ten: calibration error on test rows, with the temperature chosen out of fold
 * on training rows, beside the same answers without a temperature and beside what chance leaves a perfectly
 * calibrated model of that size. Run: `npm run bench -- engine calibration`.
 */
const NAME = "calibration";
const SEEDS = [1, 2, 3];
const MOST_ROWS = 10_000;
const { train, test, texts, classes, dir } = await embedBanking(NAME);

interface Set {
  texts: string[];
  embeddings: Float32Array[] | null;
  labels: Int32Array;
  classes: number;
  train: number[];
  test: number[];
}
async function drawn(set: string, seed: number): Promise<Set> {
  const rows = loadRows(NAME, set, MOST_ROWS);
  const order = nestedOrder(rows.labels, [...rows.labels.keys()], seed);
  const cut = Math.round(order.length * 0.7);
  const embeddings = set.startsWith("zh") ? null : await embedOnDisk(NAME, rows.texts);
  return {
    ...rows,
    classes: rows.names.length,
    embeddings,
    train: order.slice(0, cut),
    test: order.slice(cut),
  };
}
const published: Set = {
  texts: [...texts, ...test.labels].map(String),
  embeddings: [...train.embeddings, ...test.embeddings],
  labels: Int32Array.from([...train.labels, ...test.labels]),
  classes,
  train: [...train.labels.keys()],
  test: Array.from(test.labels.keys(), (row) => train.labels.length + row),
};

const runs: { set: string; n: number; ece: number; before: number; byChance: number; temperature: number }[] =
  [];
async function measure(set: string, data: Set, seed: number): Promise<void> {
  const recipe = data.embeddings ? head : lexical;
  const prepared = await recipe.prepare({
    texts: data.texts,
    names: [],
    tuning: null,
    embeddings: data.embeddings,
  });
  const plan = {
    rows: { lines: [], texts: data.texts, labels: data.labels, hashes: data.texts.map(contentHash) },
    names: Array.from({ length: data.classes }, (_, k) => String(k)),
    train: data.train,
    test: data.test,
    testHashes: [],
    taughtOnly: [],
    unknownLabels: 0,
  };
  const { temperature } = await crossValidate(recipe, prepared, plan, seed, lone(dir), () => {});
  const labelsOf = (rows: readonly number[]) => Int32Array.from(rows, (row) => data.labels[row] ?? 0);
  const options = { seed, signal: new AbortController().signal, onProgress: () => {} };
  const model = await prepared.fit(data.train, labelsOf(data.train), data.classes, options);
  const logits = prepared.logits(model, data.test);
  const found = describeCalibration(logits, labelsOf(data.test), data.classes, temperature);
  const [ece, before, byChance] = [found.ece ?? 1, found.before?.ece ?? 0, found.eceByChance ?? 0];
  const run = { set, n: data.test.length, ece, before, byChance, temperature };
  console.log(JSON.stringify(run));
  runs.push(run);
}
await measure("banking77 as published", published, 1);
for (const seed of draws(SEEDS))
  for (const set of ["zh_thucnews", "sms_spam", "goemotions"])
    await measure(set, await drawn(set, seed), seed);

const large = runs.filter((run) => run.n >= 3000);
const small = runs.filter((run) => run.n < 3000);
const within = small.filter((run) => run.ece <= run.byChance).length;
const worse = runs.filter((run) => run.ece > run.before).length;
const of = (list: typeof runs) =>
  list
    .map(
      ({ set, ece, before, byChance }) =>
        `${set} ${percent(ece)} (before ${percent(before)}, by chance up to ${percent(byChance)})`,
    )
    .join(", ");
report(
  "engine calibration",
  {
    claim: "calibration error (15 bins, %) on unseen rows with a temperature chosen out of fold, beside none",
    measured: `3,000 rows or more: ${of(large)}; fewer: ${of(small)}, ${within} of ${small.length} within chance; worse than before in ${worse} of ${runs.length}`,
    target: "<= 2 on 3,000 rows; below that within chance; never worse than before",
  },
  { runs },
);
