import { createHash } from "node:crypto";
import { matMul, memory, softmax, type Tensor2D, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { type BackendId, openBackend } from "./backend";
import { fitSoftmaxHead } from "./linear/softmax-head";
import { generator } from "./linear/svm";

/**
 * What every backend must compute alike, as a program: a process has one backend for its life, so
 * `backend.test.ts` runs this once for each and compares what it prints. A kernel that others build on gets its
 * case here.
 */
export interface Computed {
  label: string;
  canTune: boolean;
  cases: Record<string, number[]>;
  /** SHA-256 of results that must not change from run to run. */
  hashes: Record<string, string>;
  /** Tensors that the cases left behind. */
  leaked: number;
}

const random = generator(7);
const uniform = (length: number) => Float32Array.from({ length }, () => random() - 0.5);
const [left, right, other] = [uniform(65 * 384), uniform(384 * 77), uniform(65 * 77)];

const read = (work: () => Tensor2D): number[] => tidy(() => [...work().dataSync()]);

async function fitHead() {
  const labels = Int32Array.from({ length: 300 }, (_, row) => row % 5);
  // Every fifth column leans towards the row's class.
  const values = uniform(300 * 20).map((x, i) => ((i % 20) % 5 === Math.floor(i / 20) % 5 ? x + 0.4 : x));
  const losses: number[] = [];
  const head = await fitSoftmaxHead({ rows: 300, columns: 20, values }, labels, 5, {
    c: 10,
    maxIterations: 300,
    onIteration: (_, loss) => losses.push(loss),
  });
  return { head, loss: losses.at(-1) ?? Number.NaN };
}

const backend = await openBackend({ only: process.argv[2] as BackendId, threads: 2 });
const before = memory().numTensors;
const { head, loss } = await fitHead();
const computed: Computed = {
  label: backend.label,
  canTune: backend.canTune,
  cases: {
    product: read(() => matMul(tensor2d(left, [65, 384]), tensor2d(right, [384, 77]))),
    "transposed product": read(() =>
      matMul(tensor2d(left, [65, 384]), tensor2d(other, [65, 77]), true, false),
    ),
    softmax: read(() => softmax(tensor2d(other, [65, 77]))),
    "loss of a fitted head": [loss],
  },
  hashes: { head: createHash("sha256").update(head.weights).update(head.bias).digest("hex") },
  leaked: memory().numTensors - before,
};
console.log(JSON.stringify(computed));
