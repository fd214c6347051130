import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type BackendId, openBackend } from "../../lib/ml/backend";
import { runOnBackend } from "../../lib/ml/golden.fixture";
import { fromRows, takeDenseRows } from "../../lib/ml/linear/matrix";
import { denseLogits, fitSoftmaxHead } from "../../lib/ml/linear/softmax-head";
import { generator, shuffle } from "../../lib/ml/linear/svm";
import { accuracyOf, decide } from "../../lib/ml/report/metrics";
import { embedBanking, median, python, report, skip } from "../peer";

/**
 * The softmax head on a fixed embedding matrix beside scikit-learn's LogisticRegression: same rows, same C, ten
 * draws of 80 % of the training rows, once a backend, each in a process of its own. Claim: accuracy no worse
 * than the peer's minus 0.2 points, time at most the peer's natively and four times it on WebAssembly. The peer
 * has one core, where it is fastest: with all of them its threads wait for each other more than they compute.
 * Run: `npm run bench -- spine head-fit`.
 */
const PEER = `
import sys, json, time, numpy as np
from sklearn.linear_model import LogisticRegression
from threadpoolctl import threadpool_limits
threadpool_limits(1)
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
const SEEDS = 10;
const WIDTH = 384;
interface Fit {
  seconds: number;
  accuracy: number;
}
/** What the child prints. */
interface Fitted {
  label: string;
  fits: Fit[];
}
interface Meta {
  n: number;
  nt: number;
  width: number;
  classes: number;
  orders: number[][];
}

const [, , backendId, given] = process.argv;
if (backendId && given) await fitAll(backendId as BackendId, given);
else await compare();

/** The child: fits every draw on one backend and prints what came out. */
async function fitAll(only: BackendId, dir: string): Promise<void> {
  const { label } = await openBackend({ only, threads: cpus().length });
  const meta = JSON.parse(readFileSync(join(dir, "meta.json"), "utf8")) as Meta;
  const bytes = (name: string) => new Uint8Array(readFileSync(join(dir, name))).buffer;
  const [x, xt] = [new Float32Array(bytes("x.f32")), new Float32Array(bytes("xt.f32"))];
  const [y, yt] = [new Int32Array(bytes("y.i32")), new Int32Array(bytes("yt.i32"))];
  const held = { rows: meta.nt, columns: WIDTH, values: xt };
  const fits: Fit[] = [];
  for (const order of meta.orders) {
    const rows = takeDenseRows({ rows: meta.n, columns: WIDTH, values: x }, order);
    const labels = Int32Array.from(order, (row) => y[row] ?? 0);
    const started = performance.now();
    const head = await fitSoftmaxHead(rows, labels, meta.classes, { c: 10, maxIterations: 100 });
    const seconds = (performance.now() - started) / 1000;
    const { predicted } = decide(denseLogits(head, held), meta.classes);
    fits.push({ seconds, accuracy: accuracyOf({ actual: yt, predicted }).value });
  }
  console.log(JSON.stringify({ label, fits } satisfies Fitted));
}

async function compare(): Promise<void> {
  const peer = python("scikit-learn numpy") ?? skip("head-fit", "pip cannot supply scikit-learn");
  const { train, test, classes, dir } = await embedBanking("head-fit");
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
  const meta: Meta = { n: train.labels.length, nt: test.labels.length, width: WIDTH, classes, orders };
  writeFileSync(join(dir, "meta.json"), JSON.stringify(meta));
  writeFileSync(join(dir, "peer.py"), PEER);

  const theirs = peer([join(dir, "peer.py"), dir])
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Fit);
  const own = (["cuda", "native", "wasm"] as const).flatMap((id) => runBackend(id, dir));
  report(
    "spine head-fit",
    {
      claim:
        "softmax head on Banking77 embeddings beside scikit-learn's LogisticRegression on one core, 10 draws",
      measured: own.map(({ id, fits }) => sentenceOf(id, fits, theirs)).join("; "),
      target: "<= 1x its time natively, <= 4x on wasm, >= -0.2 points",
    },
    { own, peer: theirs },
  );
}

/** Nothing, loudly, where this machine does not have the backend. */
function runBackend(id: BackendId, dir: string): ({ id: BackendId } & Fitted)[] {
  const found = runOnBackend<Fitted>(fileURLToPath(import.meta.url), id, dir);
  if (typeof found !== "string") return [{ id, ...found }];
  console.log(`head-fit on ${id}: NOT RUN, ${found}`);
  return [];
}

function sentenceOf(id: BackendId, fits: readonly Fit[], theirs: readonly Fit[]): string {
  const typical = (list: readonly Fit[]) => median(list.map((one) => one.seconds));
  const mean = (list: readonly Fit[]) => list.reduce((sum, one) => sum + one.accuracy, 0) / list.length;
  const difference = 100 * (mean(fits) - mean(theirs));
  const sign = difference >= 0 ? "+" : "";
  return `${id}: ${(typical(fits) / typical(theirs)).toFixed(2)}x its time, accuracy ${sign}${difference.toFixed(2)} points`;
}
