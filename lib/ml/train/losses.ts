import {
  add,
  customGrad,
  div,
  eye,
  logSumExp,
  matMul,
  mean,
  mul,
  neg,
  oneHot,
  type Scalar,
  scalar,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tensor1d,
  tensor2d,
} from "@tensorflow/tfjs-core";
import type { Objective } from "../linear/losses";

/** The mean loss of outputs [n, outputs] over rows, by the same arithmetic that linear heads are fitted with. */
export function lossOfObjective(outputs: Tensor2D, objective: Objective, rows: readonly number[]): Scalar {
  const run = customGrad((x, save) => {
    const values = (x as Tensor).dataSync().slice() as Float32Array;
    const zero = () => new Float64Array(objective.outputs);
    const loss = objective.residuals(rows)(values, zero(), zero());
    const slope = tensor2d(
      values.map((one) => one / rows.length),
      outputs.shape,
    );
    (save as (kept: Tensor[]) => void)([slope]);
    return {
      value: scalar(loss) as Tensor,
      gradFunc: (dy: Tensor, [kept]: Tensor[]) => mul(dy, kept as Tensor),
    };
  });
  return run(outputs) as Scalar;
}

/**
 * Mean cross-entropy of logits [n, classes] against class numbers. `smoothing` of each target goes to all classes
 * alike (Szegedy et al. 2016); `weights` [classes] count rows differently.
 */
export function crossEntropy(
  logits: Tensor2D,
  labels: Int32Array,
  smoothing = 0,
  weights?: Float32Array,
): Scalar {
  const classes = logits.shape[1];
  const right = sum(mul(logits, oneHot(tensor1d(labels, "int32"), classes)), 1);
  const target = smoothing === 0 ? right : add(mul(right, 1 - smoothing), mul(mean(logits, 1), smoothing));
  const losses = sub(logSumExp(logits, 1), target) as Tensor1D;
  if (!weights) return mean(losses) as Scalar;
  const each = tensor1d(Float32Array.from(labels, (label) => weights[label] ?? 1));
  return div(sum(mul(losses, each)), sum(each)) as Scalar;
}

/** Whether all rows count alike in a loss, or all classes, however many rows they have. */
export type ClassWeights = "even" | "balanced";

/** A factor for each class, inverse to its rows; the mean over all rows is one. Undefined: all rows count alike. */
export function weightsOf(kind: ClassWeights, labels: Int32Array, classes: number): Float32Array | undefined {
  if (kind === "even") return undefined;
  const counts = new Float32Array(classes);
  for (const label of labels) counts[label] = (counts[label] as number) + 1;
  return counts.map((count) => labels.length / (classes * Math.max(1, count)));
}

/**
 * Supervised contrastive loss (Khosla et al. 2020, the form with the sum outside) of unit-length rows [n, width]:
 * rows of one class draw together, others apart. Zero when no class occurs twice.
 */
export function supervisedContrastive(rows: Tensor2D, labels: Int32Array, temperature: number): Scalar {
  const n = labels.length;
  const positive = new Float32Array(n * n);
  for (let i = 0; i < n; i++) {
    const mates = labels.reduce((count, label, j) => count + (j !== i && label === labels[i] ? 1 : 0), 0);
    for (let j = 0; j < n; j++) if (j !== i && labels[j] === labels[i]) positive[i * n + j] = 1 / mates;
  }
  const anchors = new Set([...positive].flatMap((value, at) => (value > 0 ? [Math.floor(at / n)] : []))).size;
  const others = mul(eye(n), -1e9);
  const similar = add(div(matMul(rows, rows, false, true), temperature), others) as Tensor2D;
  const logShare = sub(similar, logSumExp(similar, 1, true));
  return div(neg(sum(mul(logShare, tensor2d(positive, [n, n])))), Math.max(1, anchors)) as Scalar;
}
