import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fromRows } from "../../lib/ml/linear/matrix";
import { denseLogits, fitSoftmaxHead } from "../../lib/ml/linear/softmax-head";
import { generator, shuffle } from "../../lib/ml/linear/svm";
import { embedBanking, median, python, report, skip } from "../peer";

/**
 * The softmax head on a fixed embedding matrix beside scikit-learn's LogisticRegression: same rows, same C, ten
 * draws of 80 % of the training rows. Claim: accuracy no worse than the peer's minus 0.2 points, time at most
 * four times (WebAssembly). Run: `npm run bench -- spine head-fit`.
 */
const PEER = `
import sys, json, time, numpy as np
from sklearn.linear_model import LogisticRegression
d = sys.argv[1]; m = json.load(open(d + "/meta.json"))
x = np.fromfile(d + "/x.f32", dtype=np.float32).reshape(m["n"], m["width"])
y = np.fromfile(d + "/y.i32", dtype=np.int32)
xt = np.fromfile(d + "/xt.f32", dtype=np.float32).reshape(m["nt"], m["width"])
yt = np.fromfile(d + "/yt.i32", dtype=np.int32)
for order in m["orders"]:
    rows = np.array(order); t = time.perf_counter()
    h = LogisticRegression(C=10, max_iter=100, tol=1e-4).fit(x[rows], y[rows])
    s = time.perf_counter() - t
    print(json.dumps({"seconds": s, "accuracy": float((h.predict(xt) == yt).mean())}), flush=True)
`;
const peer = python("scikit-learn numpy") ?? skip("head-fit", "pip cannot supply scikit-learn");
const { train, test, classes, dir } = await embedBanking("head-fit");
const SEEDS = 10;
const orders = Array.from({ length: SEEDS }, (_, seed) => {
  const order = train.embeddings.map((_row, i) => i);
  shuffle(order, generator(seed + 1));
  return order.slice(0, Math.floor(order.length * 0.8));
});
mkdirSync(dir, { recursive: true });
const bytes = (rows: readonly Float32Array[]) => new Uint8Array(fromRows(rows).values.buffer);
writeFileSync(join(dir, "x.f32"), bytes(train.embeddings));
writeFileSync(join(dir, "y.i32"), new Uint8Array(train.labels.buffer));
writeFileSync(join(dir, "xt.f32"), bytes(test.embeddings));
writeFileSync(join(dir, "yt.i32"), new Uint8Array(test.labels.buffer));
const meta = { n: train.labels.length, nt: test.labels.length, width: 384, orders };
writeFileSync(join(dir, "meta.json"), JSON.stringify(meta));
writeFileSync(join(dir, "peer.py"), PEER);

const own: { seconds: number; accuracy: number }[] = [];
const held = fromRows(test.embeddings);
for (const order of orders) {
  const x = fromRows(order.map((row) => train.embeddings[row] ?? new Float32Array(384)));
  const y = Int32Array.from(order, (row) => train.labels[row] ?? 0);
  const started = performance.now();
  const head = await fitSoftmaxHead(x, y, classes, { c: 10, maxIterations: 100 });
  const seconds = (performance.now() - started) / 1000;
  const logits = denseLogits(head, held);
  let right = 0;
  for (const [row, label] of test.labels.entries()) {
    const answers = logits.subarray(row * classes, (row + 1) * classes);
    if (answers.indexOf(Math.max(...answers)) === label) right += 1;
  }
  own.push({ seconds, accuracy: right / test.labels.length });
}
const theirs = peer([join(dir, "peer.py"), dir])
  .trim()
  .split("\n")
  .map((line) => JSON.parse(line) as { seconds: number; accuracy: number });
const mean = (list: readonly number[]) => list.reduce((a, b) => a + b, 0) / list.length;
const timeRatio = median(own.map((one) => one.seconds)) / median(theirs.map((one) => one.seconds));
const difference = 100 * (mean(own.map((one) => one.accuracy)) - mean(theirs.map((one) => one.accuracy)));
report(
  "spine head-fit",
  {
    claim: "softmax head on Banking77 embeddings beside scikit-learn's LogisticRegression, 10 draws",
    measured: `${timeRatio.toFixed(2)}x its time on wasm, accuracy ${difference >= 0 ? "+" : ""}${difference.toFixed(2)} points`,
    target: "<= 4x on wasm, >= -0.2 points",
  },
  { own, peer: theirs },
);
