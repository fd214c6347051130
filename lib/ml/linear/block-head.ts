import { type Tensor2D, tensor2d, tidy } from "@tensorflow/tfjs-core";
import { type Backend, openBackend } from "../backend";
import type { Csr } from "../data/features";
import { minimise } from "./lbfgs";
import { type Dense, holdMatrix } from "./matrix";
import type { LinearHead, SoftmaxOptions } from "./softmax-head";
import { addSparseTimes, addTransposedTimes, fromStriped } from "./sparse-product";

/** Rows seen as a dense block beside a sparse one, which counts `scale` times; either may have no columns. */
export interface Blocks {
  dense: Dense;
  sparse: Csr;
  scale: number;
}

/** A linear head over two blocks: outputs = x · dense.weights + s · sparse + dense.bias. */
export interface BlockHead {
  dense: LinearHead;
  /** [n-grams, outputs] row-major, for unscaled unit-length n-gram rows: the block's scale is inside. */
  sparse: Float32Array;
}

/**
 * Adds the bias to outputs [rows, k], turns them into the slope of the loss in place, fills the bias' gradient (both
 * means over rows) and returns the mean loss.
 */
export type ToResiduals = (outputs: Float32Array, bias: Float64Array, biasGradient: Float64Array) => number;

type BlockOptions = Omit<SoftmaxOptions, "start">;

/**
 * Minimises C · Σ loss + ½ ‖weights‖² over both blocks by L-BFGS, the bias free: the dense products in TensorFlow.js,
 * the sparse ones in typed arrays. The joint matrix is never built. Throws when aborted.
 */
export async function fitBlocks(
  { dense: x, sparse: s, scale }: Blocks,
  outputs: number,
  toResiduals: ToResiduals,
  options: BlockOptions & { tolerance: number },
): Promise<BlockHead> {
  const backend = await openBackend();
  const [denseSize, sparseSize] = [x.columns * outputs, s.columns * outputs];
  const theta = new Float64Array(denseSize + sparseSize + outputs);
  const parts = (vector: Float64Array) => ({
    dense: vector.subarray(0, denseSize),
    sparse: vector.subarray(denseSize, denseSize + sparseSize),
    bias: vector.subarray(denseSize + sparseSize),
  });
  const own = parts(theta);
  const scaled: Csr = { ...s, values: s.values.map((value) => value * scale) };
  const weights = new Float32Array(denseSize);
  const held = x.columns > 0 ? holdProducts(x, backend) : null;
  const penalty = 1 / (options.c * x.rows);
  const objective = (at: Float64Array, gradient: Float64Array): number => {
    const [point, slope] = [parts(at), parts(gradient)];
    weights.set(point.dense);
    const residuals = held ? held.times(weights, outputs) : new Float32Array(x.rows * outputs);
    addSparseTimes(scaled, point.sparse, residuals, outputs);
    const loss = toResiduals(residuals, point.bias, slope.bias);
    const product = held?.transposedTimes(residuals, outputs) ?? [];
    let squares = 0;
    for (let i = 0; i < denseSize + sparseSize; i++) {
      const w = at[i] as number;
      squares += w * w;
      gradient[i] = penalty * w;
    }
    for (let i = 0; i < denseSize; i++)
      gradient[i] = (gradient[i] as number) + (product[i] as number) / x.rows;
    addTransposedTimes(scaled, residuals, 1 / x.rows, slope.sparse, outputs);
    return loss + 0.5 * penalty * squares;
  };
  try {
    minimise(objective, theta, {
      maxIterations: options.maxIterations ?? 100,
      tolerance: options.tolerance,
      onIteration(iteration, value) {
        options.signal?.throwIfAborted();
        options.onIteration?.(iteration, value);
      },
    });
  } finally {
    held?.dispose();
  }
  return {
    dense: {
      inputs: x.columns,
      classes: outputs,
      weights: Float32Array.from(own.dense),
      bias: Float32Array.from(own.bias),
    },
    sparse: fromStriped(own.sparse, s.columns, outputs).map((w) => w * scale),
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
