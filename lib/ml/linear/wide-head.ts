import type { Csr } from "../data/features";
import { type BlockHead, fitBlocks } from "./block-head";
import type { Dense } from "./matrix";
import { toRowSpace } from "./row-space";
import { fitSoftmaxHead, type SoftmaxOptions } from "./softmax-head";

/** Up to here the Cholesky factor of all rows costs less than the products that it saves. */
const FEW_ROWS = 1500;
/** scikit-learn's default. Measured on Banking77: a fifth of it takes half as many steps more and moves 0.05 points. */
const TOLERANCE = 1e-4;

type WideOptions = Omit<SoftmaxOptions, "start">;

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
): Promise<BlockHead> {
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
): Promise<BlockHead> {
  const space = toRowSpace(x, s, scale);
  const { weights, bias } = await fitSoftmaxHead(space.rows, labels, classes, {
    tolerance: TOLERANCE,
    ...options,
  });
  const { dense, sparse } = space.back(weights, classes);
  return { dense: { inputs: x.columns, classes, weights: dense, bias }, sparse };
}

/** Over all columns. */
const fitInColumns: typeof fitInRowSpace = (x, s, scale, labels, classes, options) =>
  fitBlocks(
    { dense: x, sparse: s, scale },
    classes,
    (logits, bias, slope) => toResiduals(logits, labels, bias, slope),
    {
      tolerance: TOLERANCE,
      ...options,
    },
  );

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
