import { minimise } from "./lbfgs";
import { type Dense, holdMatrix, openTensorFlow } from "./matrix";

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
  await openTensorFlow();
  const inputs = x.columns;
  const size = inputs * classes;
  const theta = new Float64Array(size + classes);
  if (options.start) {
    theta.set(options.start.weights);
    theta.set(options.start.bias, size);
  }
  const weights = new Float32Array(size);
  const held = holdMatrix(x);
  // Everything divided by n · C keeps values near one whatever the size of the set.
  const penalty = 1 / (options.c * x.rows);
  const objective = (point: Float64Array, gradient: Float64Array): number => {
    for (let i = 0; i < size; i++) weights[i] = point[i] as number;
    const logits = held.times(weights, classes);
    const loss = toResiduals(logits, labels, point.subarray(size), gradient.subarray(size));
    const product = held.transposedTimes(logits, classes);
    let squares = 0;
    for (let i = 0; i < size; i++) {
      const w = point[i] as number;
      squares += w * w;
      gradient[i] = (product[i] as number) / x.rows + penalty * w;
    }
    return loss + 0.5 * penalty * squares;
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
    held.dispose();
  }
  return {
    inputs,
    classes,
    weights: Float32Array.from(theta.subarray(0, size)),
    bias: Float32Array.from(theta.subarray(size)),
  };
}

/** Adds the bias and turns logits into probability minus one-hot in place; fills the bias gradient; returns the mean loss. */
export function toResiduals(
  logits: Float32Array,
  labels: Int32Array,
  bias: Float64Array,
  biasGradient: Float64Array,
): number {
  const k = bias.length;
  const n = labels.length;
  biasGradient.fill(0);
  let loss = 0;
  for (let row = 0; row < n; row++) {
    const at = row * k;
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      const z = (logits[at + c] as number) + (bias[c] as number);
      logits[at + c] = z;
      if (z > most) most = z;
    }
    let sum = 0;
    for (let c = 0; c < k; c++) sum += Math.exp((logits[at + c] as number) - most);
    const label = labels[row] as number;
    loss += Math.log(sum) + most - (logits[at + label] as number);
    for (let c = 0; c < k; c++) {
      const residual = Math.exp((logits[at + c] as number) - most) / sum - (c === label ? 1 : 0);
      logits[at + c] = residual;
      biasGradient[c] = (biasGradient[c] as number) + residual / n;
    }
  }
  return loss / n;
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
