import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { openBackend } from "../../lib/ml/backend";
import { describeRow, parseValue } from "../../lib/ml/data/cells";
import { hashRows } from "../../lib/ml/data/frozen-rows";
import { contentHash, nestedOrder } from "../../lib/ml/data/split";
import { dnn } from "../../lib/ml/recipes/dnn";
import { tableHead } from "../../lib/ml/recipes/table-head";
import type { TableRecipe } from "../../lib/ml/recipes/table-recipe";
import type { TableRow } from "../../lib/ml/task";
import { engine } from "../../lib/ml/tasks/table-classification.engine";
import { dataFolder, draws, lone, openNative, python, report, skip } from "../peer";

/**
 * One class for a row of a table: Telco churn, a fifth of the rows held out, stratified, anew for each seed; the whole
 * training with `auto`, and each recipe alone, beside scikit-learn's LogisticRegression and MLPClassifier (early stopping)
 * on one-hot words and standardised numbers of the same rows. Run: `npm run bench -- engine tables`.
 */
const PEER = `
import sys, json, numpy as np
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
d = json.load(open(sys.argv[1]))
cols = list(d["train"][0].keys())
numeric = [i for i, c in enumerate(cols) if all(isinstance(r[c], (int, float)) or r[c] is None for r in d["train"])]
words = [i for i in range(len(cols)) if i not in numeric]
def table(rows):
    return np.array([[np.nan if r[c] is None else r[c] for c in cols] for r in rows], dtype=object)
x, xt, y, yt = table(d["train"]), table(d["test"]), np.array(d["y"]), np.array(d["yt"])
out = {}
for name, model in (("logistic", LogisticRegression(max_iter=2000)), ("mlp", MLPClassifier(early_stopping=True, random_state=d["seed"]))):
    pre = ColumnTransformer([("n", make_pipeline(SimpleImputer(strategy="median"), StandardScaler()), numeric), ("w", OneHotEncoder(handle_unknown="ignore"), words)])
    p = make_pipeline(pre, model).fit(x, y).predict_proba(xt)[:, 1]
    out[name] = {"accuracy": float(((p > 0.5) == yt).mean() * 100), "auroc": float(roc_auc_score(yt, p))}
print(json.dumps(out))
`;
const NAME = "tables";
const HELD_OUT = 0.2;
const LABELS = ["No", "Yes"];
const peer = python("scikit-learn numpy") ?? skip(NAME, "pip cannot supply scikit-learn");
const folder = dataFolder(NAME, "telco_churn");
const dir = join(homedir(), ".cache", "graft", "bench", NAME);
mkdirSync(dir, { recursive: true });
writeFileSync(join(dir, "peer.py"), PEER);
await openNative(NAME);
await openBackend();

const records = parse(readFileSync(join(folder, "Telco-Customer-Churn.csv")), {
  columns: true,
}) as Record<string, string>[];
const inputs = records.map(
  ({ customerID: _, Churn: __, ...cells }): TableRow =>
    Object.fromEntries(Object.entries(cells).map(([name, cell]) => [name, parseValue(cell)])),
);
const labels = Int32Array.from(records, ({ Churn = "" }) => LABELS.indexOf(Churn));

interface Figures {
  accuracy: number;
  auroc: number;
}
/** Percent right, and how often a leaver is ranked above a stayer; equal scores count half. */
function judge(scores: readonly number[], actual: readonly number[]): Figures {
  const order = scores
    .map((score, i) => ({ score, isLeaver: actual[i] === 1 }))
    .sort((a, b) => a.score - b.score);
  let [below, rankSum, right] = [0, 0, 0];
  for (let at = 0; at < order.length; ) {
    const equal = order.filter(({ score }, i) => i >= at && score === order[at]?.score);
    const leavers = equal.filter(({ isLeaver }) => isLeaver).length;
    rankSum += leavers * (below + (equal.length - leavers) / 2);
    below += equal.length - leavers;
    at += equal.length;
  }
  for (const { score, isLeaver } of order) if (score > 0.5 === isLeaver) right += 1;
  const leavers = order.length - below;
  return { accuracy: (100 * right) / order.length, auroc: rankSum / (leavers * below) };
}

/** One recipe on the training rows, as a training would fit it. */
async function fitAlone(
  recipe: TableRecipe,
  train: readonly number[],
  test: readonly number[],
  seed: number,
) {
  const hashes = inputs.map((row) => contentHash(describeRow(row)));
  const checkpoint = () => ({ save: async () => {}, load: async () => null });
  const prepared = await recipe.prepare({ rows: inputs, hashes, ordered: {}, checkpoint });
  const own = Int32Array.from(train, (row) => labels[row] ?? 0);
  const options = { seed, signal: new AbortController().signal, onProgress: () => {} };
  const logits = prepared.logits(await prepared.fit(train, own, 2, options), test);
  const scores = test.map((_, i) => 1 / (1 + Math.exp((logits[2 * i] ?? 0) - (logits[2 * i + 1] ?? 0))));
  return {
    ...judge(
      scores,
      test.map((row) => labels[row] ?? 0),
    ),
    settings: prepared.effective(),
  };
}

/** The whole training, measured on the test rows as a customer's validation file. */
async function trainWhole(train: readonly number[], test: readonly number[], seed: number) {
  const run = lone(join(dir, `run-${seed}`));
  rmSync(run.dir, { recursive: true, force: true });
  mkdirSync(run.checkpointDir, { recursive: true });
  const write = (name: string, rows: readonly number[]) => {
    const own = rows.map((row) => ({ line: row + 2, input: inputs[row], target: LABELS[labels[row] ?? 0] }));
    writeFileSync(join(run.dir, name), own.map((row) => `${JSON.stringify(row)}\n`).join(""));
    return { path: join(run.dir, name), sha256: hashRows(own) };
  };
  const [taught, asked] = [write("train.ndjson", train), write("test.ndjson", test)];
  const started = performance.now();
  const { report: found, artifactDir } = await engine.train(
    {
      rowsPath: taught.path,
      rowsSha256: taught.sha256,
      validationRowsPath: asked.path,
      splitPath: null,
      recipe: "auto",
      base: null,
      seed,
      refit: true,
      budgetMinutes: 45,
    },
    run,
  );
  const seconds = (performance.now() - started) / 1000;
  const model = await engine.open(artifactDir);
  const rows = test.map((row) => inputs[row] ?? {});
  const answers = model.after(rows, [], { topK: 2, nearest: 0 });
  const scores = answers.map((one) => one.labels.find(({ label }) => label === "Yes")?.probability ?? 0);
  const figures = judge(
    scores,
    test.map((row) => labels[row] ?? 0),
  );
  return { ...figures, recipe: found.recipe, seconds, choice: found.choice };
}

const trials: ({ seed: number } & Record<"auto" | "head" | "dnn" | "logistic" | "mlp", Figures>)[] = [];
for (const seed of draws([1, 2, 3])) {
  const order = nestedOrder(labels, [...labels.keys()], seed);
  const [test, train] = [order.slice(0, order.length * HELD_OUT), order.slice(order.length * HELD_OUT)];
  const rowsOf = (rows: readonly number[]) => rows.map((row) => inputs[row]);
  const truth = (rows: readonly number[]) => rows.map((row) => labels[row]);
  const question = { train: rowsOf(train), test: rowsOf(test), y: truth(train), yt: truth(test), seed };
  writeFileSync(join(dir, "question.json"), JSON.stringify(question));
  const { logistic, mlp } = JSON.parse(peer([join(dir, "peer.py"), join(dir, "question.json")])) as Record<
    "logistic" | "mlp",
    Figures
  >;
  const trial = {
    seed,
    auto: await trainWhole(train, test, seed),
    head: await fitAlone(tableHead, train, test, seed),
    dnn: await fitAlone(dnn, train, test, seed),
    logistic,
    mlp,
  };
  console.log(JSON.stringify(trial));
  trials.push(trial);
}

const mean = (of: "auto" | "head" | "dnn" | "logistic" | "mlp"): Figures => {
  const over = (figure: keyof Figures) =>
    trials.reduce((sum, one) => sum + one[of][figure], 0) / trials.length;
  return { accuracy: over("accuracy"), auroc: over("auroc") };
};
const said = ({ accuracy, auroc }: Figures) => `${accuracy.toFixed(1)} % (${auroc.toFixed(3)})`;
const [auto, logistic, mlp] = [mean("auto"), mean("logistic"), mean("mlp")];
report(
  `engine ${NAME}`,
  {
    claim: `a class for a row of a table: Telco churn, accuracy (AUROC) on a fifth of ${labels.length} rows held out, mean of ${trials.length} seeds, beside scikit-learn's LogisticRegression and MLPClassifier on the same rows`,
    measured: `auto ${said(auto)}, head ${said(mean("head"))}, dnn ${said(mean("dnn"))}; LogisticRegression ${said(logistic)}, MLPClassifier ${said(mlp)}`,
    target: "auto >= the better peer - 0.5 points, AUROC - 0.005",
  },
  {
    trials,
    isMet:
      auto.accuracy >= Math.max(logistic.accuracy, mlp.accuracy) - 0.5 &&
      auto.auroc >= Math.max(logistic.auroc, mlp.auroc) - 0.005,
  },
);
