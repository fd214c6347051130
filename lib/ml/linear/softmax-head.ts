import {
  add,
  cast,
  max,
  mul,
  oneHot,
  softmax,
  sub,
  sum,
  type Tensor2D,
  tensor1d,
  tensor2d,
  tidy,
} from "@tensorflow/tfjs-core";
import { type Backend, openBackend } from "../backend";
import { minimise } from "./lbfgs";
import { type Dense, holdMatrix } from "./matrix";

/** A linear head: logits = x · weights + bias; weights are [inputs, classes] row-major. */
export interface LinearHead {
  inputs: number;
  classes: number;
  weights: Float32Array;
  bias: Float32Array;
}
export interface SoftmaxOptions {
  /** Inverse strength of the L2 penalty, as in scikit-learn: C · Σ loss + ½ ‖weights‖². The bias is free. */
  c: number;
  maxIterations?: number;
  /** Of the largest gradient component of the mean loss; 1e-5 unless given. */
  tolerance?: number;
  /** Where to begin; a solution for a neighbouring C saves most of the work. */
  start?: LinearHead;
  signal?: AbortSignal;
  onIteration?(iteration: number, meanLoss: number): void;
}

/**
 * Multinomial logistic regression over the full batch by L-BFGS, gradient in closed form
 * (Xᵀ(softmax(XW + b) − Y)); products in TensorFlow.js float32, sums in float64.
 * @param x rows [n, inputs]; @param labels class numbers 0..classes-1, one a row. Throws when aborted.
 */
export async function fitSoftmaxHead(
  x: Dense,
  labels: Int32Array,
  classes: number,
  options: SoftmaxOptions,
): Promise<LinearHead> {
  const backend = await openBackend();
  const inputs = x.columns;
  const size = inputs * classes;
  const theta = new Float64Array(size + classes);
  if (options.start) {
    theta.set(options.start.weights);
    theta.set(options.start.bias, size);
  }
  const loss = holdLoss(x, labels, classes, backend);
  // Everything divided by n · C keeps values near one whatever the size of the set.
  const penalty = 1 / (options.c * x.rows);
  const objective = (point: Float64Array, gradient: Float64Array): number => {
    const value = loss.at(point, gradient);
    let squares = 0;
    for (let i = 0; i < size; i++) {
      const w = point[i] as number;
      squares += w * w;
      gradient[i] = (gradient[i] as number) + penalty * w;
    }
    return value + 0.5 * penalty * squares;
  };
  try {
    minimise(objective, theta, {
      maxIterations: options.maxIterations ?? 100,
      tolerance: options.tolerance ?? 1e-5,
      onIteration(iteration, value) {
        options.signal?.throwIfAborted();
        options.onIteration?.(iteration, value);
      },
    });
  } finally {
    loss.dispose();
  }
  return {
    inputs,
    classes,
    weights: Float32Array.from(theta.subarray(0, size)),
    bias: Float32Array.from(theta.subarray(size)),
  };
}

/**
 * The mean cross-entropy of a set of rows as a function of weights and bias, one behind the other. Logits,
 * probabilities and residuals [rows, classes] never leave the tensors; what is read back is three figures a row.
 */
function holdLoss(x: Dense, labels: Int32Array, classes: number, backend: Backend) {
  const size = x.columns * classes;
  const held = holdMatrix(x, backend);
  // Cast, because WebAssembly's `oneHot` writes the bits of an integer 1 when asked for float32.
  const targets = tidy(() => cast(oneHot(tensor1d(labels, "int32"), classes), "float32"));
  const parameters = new Float32Array(size + classes);
  return {
    /** The loss at `point`; writes its gradient. */
    at(point: Float64Array, gradient: Float64Array): number {
      parameters.set(point);
      let loss = 0;
      tidy(() => {
        const weights = tensor2d(parameters.subarray(0, size), [x.columns, classes]);
        const logits: Tensor2D = add(held.times(weights), tensor1d(parameters.subarray(size)));
        const probabilities = softmax(logits);
        // −log p(label) by the row's largest entries, which cannot underflow as p(label) can.
        const top = max(logits, 1).dataSync();
        const peak = max(probabilities, 1).dataSync();
        const own = sum(mul(logits, targets), 1).dataSync();
        for (let row = 0; row < x.rows; row++)
          loss += (top[row] as number) - Math.log(peak[row] as number) - (own[row] as number);
        const residuals: Tensor2D = sub(probabilities, targets);
        gradient.set(held.transposedTimes(residuals).dataSync());
        gradient.set(sum(residuals, 0).dataSync(), size);
      });
      for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) / x.rows;
      return loss / x.rows;
    },
    dispose() {
      held.dispose();
      targets.dispose();
    },
  };
}

/** Logits [rows, classes] of dense rows, in plain arithmetic: serving holds no TensorFlow. */
export function denseLogits(head: LinearHead, x: Dense): Float32Array {
  const out = new Float32Array(x.rows * head.classes);
  for (let row = 0; row < x.rows; row++) {
    const target = out.subarray(row * head.classes, (row + 1) * head.classes);
    target.set(head.bias);
    for (let j = 0; j < head.inputs; j++) {
      const value = x.values[row * head.inputs + j] as number;
      const at = j * head.classes;
      for (let c = 0; c < head.classes; c++)
        target[c] = (target[c] as number) + value * (head.weights[at + c] as number);
    }
  }
  return out;
}

/** Softmax of each row of logits at a temperature. */
export function toProbabilities(logits: Float32Array, classes: number, temperature: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let at = 0; at < logits.length; at += classes) {
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < classes; c++) most = Math.max(most, logits[at + c] as number);
    let sum = 0;
    for (let c = 0; c < classes; c++) {
      const e = Math.exp(((logits[at + c] as number) - most) / temperature);
      out[at + c] = e;
      sum += e;
    }
    for (let c = 0; c < classes; c++) out[at + c] = (out[at + c] as number) / sum;
  }
  return out;
}
