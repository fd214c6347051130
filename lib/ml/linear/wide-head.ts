import { type Tensor2D, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { type Backend, openBackend } from "../backend";
import type { Csr } from "../data/features";
import { minimise } from "./lbfgs";
import { type Dense, holdMatrix } from "./matrix";
import { toRowSpace } from "./row-space";
import { fitSoftmaxHead, type LinearHead, type SoftmaxOptions } from "./softmax-head";
import { addSparseTimes, addTransposedTimes, fromStriped } from "./sparse-product";

/** Up to here the Cholesky factor of all rows costs less than the products that it saves. */
const FEW_ROWS = 1500;
/** scikit-learn's default. Measured on Banking77: a fifth of it takes half as many steps more and moves 0.05 points. */
const TOLERANCE = 1e-4;

type WideOptions = Omit<SoftmaxOptions, "start">;

/** One softmax head over two blocks: logits = x · dense.weights + s · sparse + dense.bias. */
export interface WideHead {
  dense: LinearHead;
  /** [n-grams, classes] row-major, for unscaled unit-length n-gram rows: the block's scale is inside. */
  sparse: Float32Array;
}

/**
 * `fitSoftmaxHead` over [x, scale · s], a dense block beside a sparse one, without ever building the joint matrix.
 * @param x rows [n, inputs]; @param s the same rows over n-grams; @param labels class numbers. Throws when aborted.
 */
export function fitWideHead(
  x: Dense,
  s: Csr,
  scale: number,
  labels: Int32Array,
  classes: number,
  options: WideOptions,
): Promise<WideHead> {
  const solve = x.rows <= FEW_ROWS ? fitInRowSpace : fitInColumns;
  return solve(x, s, scale, labels, classes, options);
}

async function fitInRowSpace(
  x: Dense,
  s: Csr,
  scale: number,
  labels: Int32Array,
  classes: number,
  options: WideOptions,
): Promise<WideHead> {
  const space = toRowSpace(x, s, scale);
  const { weights, bias } = await fitSoftmaxHead(space.rows, labels, classes, {
    tolerance: TOLERANCE,
    ...options,
  });
  const { dense, sparse } = space.back(weights, classes);
  return { dense: { inputs: x.columns, classes, weights: dense, bias }, sparse };
}

/** Over all columns: the dense products in TensorFlow.js, the sparse ones in typed arrays. */
async function fitInColumns(
  x: Dense,
  s: Csr,
  scale: number,
  labels: Int32Array,
  classes: number,
  options: WideOptions,
): Promise<WideHead> {
  const backend = await openBackend();
  const [denseSize, sparseSize] = [x.columns * classes, s.columns * classes];
  const theta = new Float64Array(denseSize + sparseSize + classes);
  const parts = (vector: Float64Array) => ({
    dense: vector.subarray(0, denseSize),
    sparse: vector.subarray(denseSize, denseSize + sparseSize),
    bias: vector.subarray(denseSize + sparseSize),
  });
  const own = parts(theta);
  const scaled: Csr = { ...s, values: s.values.map((value) => value * scale) };
  const weights = new Float32Array(denseSize);
  const held = holdProducts(x, backend);
  const penalty = 1 / (options.c * x.rows);
  const objective = (at: Float64Array, gradient: Float64Array): number => {
    const [point, slope] = [parts(at), parts(gradient)];
    weights.set(point.dense);
    const residuals = held.times(weights, classes);
    addSparseTimes(scaled, point.sparse, residuals, classes);
    const loss = toResiduals(residuals, labels, point.bias, slope.bias);
    const product = held.transposedTimes(residuals, classes);
    let squares = 0;
    for (let i = 0; i < denseSize + sparseSize; i++) {
      const w = at[i] as number;
      squares += w * w;
      gradient[i] = penalty * w;
    }
    for (let i = 0; i < denseSize; i++)
      gradient[i] = (gradient[i] as number) + (product[i] as number) / x.rows;
    addTransposedTimes(scaled, residuals, 1 / x.rows, slope.sparse, classes);
    return loss + 0.5 * penalty * squares;
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
    held.dispose();
  }
  return {
    dense: {
      inputs: x.columns,
      classes,
      weights: Float32Array.from(own.dense),
      bias: Float32Array.from(own.bias),
    },
    sparse: fromStriped(own.sparse, s.columns, classes).map((w) => w * scale),
  };
}

/** Products of a held matrix with arrays; they stay outside of `tidy`, which would make large ones dear to return. */
export function holdProducts(x: Dense, backend: Backend) {
  const held = holdMatrix(x, backend);
  const read = (product: () => Tensor2D): Float32Array => {
    let out = new Float32Array(0);
    tidy(() => {
      out = product().dataSync() as Float32Array<ArrayBuffer>;
    });
    return out;
  };
  return {
    times: (right: Float32Array, k: number) => read(() => held.times(tensor2d(right, [x.columns, k]))),
    transposedTimes: (right: Float32Array, k: number) =>
      read(() => held.transposedTimes(tensor2d(right, [x.rows, k]))),
    dispose: held.dispose,
  };
}

/** Adds the bias and turns logits into probability minus one-hot in place; fills the bias gradient; returns the mean loss. */
function toResiduals(
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
