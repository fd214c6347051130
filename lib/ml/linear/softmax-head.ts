import { add, max, softmax, sum, type Tensor2D, tensor1d, tensor2d, tidy } from "@tensorflow/tfjs-core";
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
/** Of the mean loss. On Banking77 1e-4 saves a quarter of the time and costs 0.05 points; 1e-5 gains nothing. */
const TOLERANCE = 3e-5;

export interface SoftmaxOptions {
  /** Inverse strength of the L2 penalty, as in scikit-learn: C · Σ loss + ½ ‖weights‖². The bias is free. */
  c: number;
  maxIterations?: number;
  /** Of the largest gradient component of the mean loss; `TOLERANCE` unless given. */
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
      tolerance: options.tolerance ?? TOLERANCE,
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
 * The mean cross-entropy of a set of rows as a function of weights and bias, one behind the other. Logits and
 * probabilities [rows, classes] never leave the tensors. The labels' part of loss and gradient is linear, so it
 * is summed once: Σ log p(label) = Σ (logit(label) − log Σ exp), and the first sum is ⟨weights, XᵀY⟩.
 */
function holdLoss(x: Dense, labels: Int32Array, classes: number, backend: Backend) {
  const size = x.columns * classes;
  const held = holdMatrix(x, backend);
  const parameters = new Float32Array(size + classes);
  const taught = sumByLabel(x, labels, classes);
  return {
    /** The loss at `point`; writes its gradient. */
    at(point: Float64Array, gradient: Float64Array): number {
      parameters.set(point);
      let loss = 0;
      tidy(() => {
        const weights = tensor2d(parameters.subarray(0, size), [x.columns, classes]);
        const logits: Tensor2D = add(held.times(weights), tensor1d(parameters.subarray(size)));
        const probabilities = softmax(logits);
        // log Σ exp from the row's largest entries, which cannot overflow.
        const top = max(logits, 1).dataSync();
        const peak = max(probabilities, 1).dataSync();
        for (let row = 0; row < x.rows; row++) loss += (top[row] as number) - Math.log(peak[row] as number);
        gradient.set(held.transposedTimes(probabilities).dataSync());
        gradient.set(sum(probabilities, 0).dataSync(), size);
      });
      for (let i = 0; i < gradient.length; i++) {
        loss -= (point[i] as number) * (taught[i] as number);
        gradient[i] = ((gradient[i] as number) - (taught[i] as number)) / x.rows;
      }
      return loss / x.rows;
    },
    dispose: held.dispose,
  };
}

/** XᵀY with Y one-hot [rows, classes], and behind it the number of rows of each class. */
function sumByLabel(x: Dense, labels: Int32Array, classes: number): Float64Array {
  const size = x.columns * classes;
  const sums = new Float64Array(size + classes);
  for (const [row, label] of labels.entries()) {
    const at = row * x.columns;
    for (let j = 0; j < x.columns; j++)
      sums[j * classes + label] = (sums[j * classes + label] as number) + (x.values[at + j] as number);
    sums[size + label] = (sums[size + label] as number) + 1;
  }
  return sums;
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
