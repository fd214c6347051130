import { mkdirSync, writeFileSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { openBackend } from "../../lib/ml/backend";
import { assignFolds, contentHash } from "../../lib/ml/data/split";
import { sigmoid, yesOrNo } from "../../lib/ml/linear/losses";
import {
  type PreparedLinear,
  prepareLinear,
  type ReadTexts,
  SINGLE_RECIPES,
} from "../../lib/ml/recipes/linear-text";
import { prepareTunedLinear } from "../../lib/ml/recipes/tuned-linear";
import { scoreOf } from "../../lib/ml/report/resample";
import { chooseThresholds, countLabels, macroF1, microF1 } from "../../lib/ml/report/several-labels";
import { embedOnDisk, openNative, openTunable, percent, python, report, skip } from "../peer";
import { emotionRows } from "../sets";

/**
 * Several labels a text: one-against-rest heads on frozen embeddings of GoEmotions (28 labels), with a threshold a
 * label by F1 out of fold, beside scikit-learn's OneVsRestClassifier(LogisticRegression) on the same embeddings, folds,
 * strength and threshold rule; then the same with the base tuned, its thresholds by one fold. Run: `npm run bench -- engine multi-label`.
 */
const PEER = `
import sys, json, time, numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier
from sklearn.metrics import f1_score, precision_recall_curve
d, n, nt, k, c = sys.argv[1], *map(int, sys.argv[2:5]), float(sys.argv[5])
x = np.fromfile(d + "/x.f32", dtype=np.float32).reshape(n, -1); xt = np.fromfile(d + "/xt.f32", dtype=np.float32).reshape(nt, -1)
y = np.fromfile(d + "/y.u8", dtype=np.uint8).reshape(n, k); yt = np.fromfile(d + "/yt.u8", dtype=np.uint8).reshape(nt, k)
folds = np.fromfile(d + "/folds.i32", dtype=np.int32)
fit = lambda x, y: OneVsRestClassifier(LogisticRegression(C=c, max_iter=200)).fit(x, y)
p = np.zeros((n, k))
for f in range(folds.max() + 1):
    p[folds == f] = fit(x[folds != f], y[folds != f]).predict_proba(x[folds == f])
def best(y, p):
    order = np.argsort(-p, kind="stable"); s = p[order]; hits = np.cumsum(y[order])
    f1 = 2 * hits / (np.arange(1, len(y) + 1) + y.sum()); nxt = np.append(s[1:], 0); f1[nxt == s] = -1
    b = int(np.argmax(f1)); return (s[b] + nxt[b]) / 2
common = best(y.ravel(), p.ravel())
thresholds = [1.01 if y[:, j].sum() == 0 else common if y[:, j].sum() < 20 else best(y[:, j], p[:, j]) for j in range(k)]
t = time.time(); model = fit(x, y); seconds = time.time() - t
z = model.predict_proba(xt) >= np.array(thresholds)
print(json.dumps({"micro": f1_score(yt, z, average="micro"), "macro": f1_score(yt, z, average="macro"), "seconds": seconds}))
`;
const NAME = "multi-label";
const TRAIN = 8000;
const TEST = 2000;
const FOLDS = 5;
const peer = python("scikit-learn numpy") ?? skip(NAME, "pip cannot supply scikit-learn");
const dir = join(homedir(), ".cache", "graft", "bench", NAME);
mkdirSync(dir, { recursive: true });
writeFileSync(join(dir, "peer.py"), PEER);

const [train, test] = [emotionRows(NAME, "train.tsv", TRAIN), emotionRows(NAME, "test.tsv", TEST)];
const LABELS = 28;
const matrix = (rows: typeof train) => {
  const out = new Uint8Array(rows.length * LABELS);
  for (const [row, { labels }] of rows.entries()) for (const label of labels) out[row * LABELS + label] = 1;
  return out;
};
const embedded = await embedOnDisk(
  NAME,
  [...train, ...test].map(({ text }) => text),
);
const targets = matrix([...train, ...test]);
await openNative(NAME);
await openBackend();

const [, head, , lora] = SINGLE_RECIPES;
const rows = embedded.map((vector): ReadTexts => ({ counted: [], vectors: [vector] }));
const places = train.map((_, row) => row);
const first = Int32Array.from(train, ({ labels }) => labels[0] ?? 0);
const folds = assignFolds(
  train.map(({ text }) => contentHash(text)),
  first,
  LABELS,
  FOLDS,
  1,
);
const prepared = prepareLinear(head, rows, yesOrNo(targets, LABELS));
const options = { seed: 1, signal: new AbortController().signal, onProgress: () => {} };
// The strength is chosen once, on all training rows, so that the peer can be given the same.
await prepared.fit(places, options);
const { c = 1 } = prepared.effective();
const targetsOf = (rows: readonly number[]) =>
  Uint8Array.from(rows.flatMap((row) => [...targets.subarray(row * LABELS, (row + 1) * LABELS)]));
const judged = (rows: readonly number[], outputs: Float32Array) => ({
  labels: LABELS,
  targets: targetsOf(rows),
  probabilities: outputs.map(sigmoid),
});
const asked = test.map((_, i) => train.length + i);

/** F1 on the test rows, with thresholds chosen on so many folds' unseen rows. */
async function judge(prepared: PreparedLinear, judgedFolds: number) {
  const unseen: { rows: number[]; outputs: Float32Array }[] = [];
  for (let fold = 0; fold < judgedFolds; fold++) {
    const rows = places.filter((row) => folds[row] === fold);
    const model = await prepared.fit(
      places.filter((row) => folds[row] !== fold),
      options,
    );
    unseen.push({ rows, outputs: prepared.outputs(model, rows) });
  }
  const outputs = Float32Array.from(unseen.flatMap((part) => [...part.outputs]));
  const thresholds = chooseThresholds(
    judged(
      unseen.flatMap(({ rows }) => rows),
      outputs,
    ),
  );
  const started = performance.now();
  const model = await prepared.fit(places, options);
  const seconds = (performance.now() - started) / 1000;
  const counts = countLabels(judged(asked, prepared.outputs(model, asked)), () => thresholds);
  return { micro: scoreOf(counts, microF1), macro: scoreOf(counts, macroF1), seconds };
}
const graft = await judge(prepared, FOLDS);
const own = targets.subarray(0, train.length * LABELS);

const floats = (list: readonly Float32Array[]) => Float32Array.from(list.flatMap((vector) => [...vector]));
writeFileSync(join(dir, "x.f32"), floats(embedded.slice(0, train.length)));
writeFileSync(join(dir, "xt.f32"), floats(embedded.slice(train.length)));
writeFileSync(join(dir, "y.u8"), own);
writeFileSync(join(dir, "yt.u8"), targets.subarray(train.length * LABELS));
writeFileSync(join(dir, "folds.i32"), folds);
const scikit = JSON.parse(
  peer([join(dir, "peer.py"), dir, ...[train.length, test.length, LABELS, c].map(String)]),
) as typeof graft;
const { encoder, tokenize } = await openTunable();
const tuned = await judge(
  prepareTunedLinear(lora, rows, yesOrNo(targets, LABELS), {
    encoder,
    sequences: [...train, ...test].map(({ text }) => [tokenize(text).ids]),
    ordered: {},
    checkpoint: () => ({ save: async () => {}, load: async () => null }),
  }),
  1,
);
report(
  `engine ${NAME}`,
  {
    claim: `several labels a text: GoEmotions, ${TRAIN} rows, 28 labels, F1 on ${TEST} others beside scikit-learn's OneVsRest(LogisticRegression) on the same embeddings and threshold rule`,
    measured: `micro-F1 ${percent(graft.micro)} beside ${percent(scikit.micro)} %, macro-F1 ${percent(graft.macro)} beside ${percent(scikit.macro)} %; tuned ${percent(tuned.micro)} and ${percent(tuned.macro)} %`,
    target: "micro-F1 and macro-F1 >= peer - 0.5 points, tuned above both",
  },
  {
    graft,
    tuned,
    scikit,
    c,
    isMet:
      graft.micro >= scikit.micro - 0.005 &&
      graft.macro >= scikit.macro - 0.005 &&
      tuned.micro > graft.micro &&
      tuned.macro > graft.macro,
  },
);
