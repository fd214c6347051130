import type { ToResiduals } from "./block-head";

/** What a linear head is fitted to beside classes: yes or no to each of several questions, or a number. */
export interface Objective {
  outputs: number;
  /** The slope of the loss over these rows, for fitting. */
  residuals(rows: readonly number[]): ToResiduals;
  /** The mean loss of outputs [rows, outputs] over these rows, for choosing. */
  loss(outputs: Float32Array, rows: readonly number[]): number;
}

export const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** log(1 + exp(z)) - y·z without overflow. */
const logistic = (z: number, y: number) => Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z))) - y * z;
const squared = (z: number, y: number) => 0.5 * (z - y) ** 2;

function objectiveOf(
  outputs: number,
  targets: Uint8Array | Float64Array,
  loss: (z: number, y: number) => number,
  slope: (z: number, y: number) => number,
): Objective {
  return {
    outputs,
    residuals: (rows) => (values, bias, biasGradient) => {
      biasGradient.fill(0);
      let sum = 0;
      for (const [i, row] of rows.entries())
        for (let c = 0; c < outputs; c++) {
          const at = i * outputs + c;
          const z = (values[at] as number) + (bias[c] as number);
          const y = targets[row * outputs + c] as number;
          sum += loss(z, y);
          const residual = slope(z, y);
          values[at] = residual;
          biasGradient[c] = (biasGradient[c] as number) + residual / rows.length;
        }
      return sum / rows.length;
    },
    loss(values, rows) {
      let sum = 0;
      for (const [i, row] of rows.entries())
        for (let c = 0; c < outputs; c++)
          sum += loss(values[i * outputs + c] as number, targets[row * outputs + c] as number);
      return sum / Math.max(1, rows.length);
    },
  };
}

/** One-against-rest logistic regression of several labels at once; targets [rows, labels] of 0 and 1. */
export const yesOrNo = (targets: Uint8Array, labels: number): Objective =>
  objectiveOf(labels, targets, logistic, (z, y) => sigmoid(z) - y);

/** Ridge regression (Hoerl & Kennard 1970): C is one over scikit-learn's alpha. */
export const nearest = (targets: Float64Array): Objective =>
  objectiveOf(1, targets, squared, (z, y) => z - y);
