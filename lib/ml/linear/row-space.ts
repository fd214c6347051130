import type { Csr } from "../data/features";
import type { Dense } from "./matrix";

/**
 * Few rows over many features: a head with an L2 penalty lies in the span of its rows (the representer theorem,
 * Kimeldorf & Wahba 1971), so it is fitted on n numbers a row instead of tens of thousands, exactly. With the Gram
 * matrix ZZᵀ = LLᵀ (Cholesky) the rows of L are the same points in other coordinates: equal products, equal norms.
 */

/** Rows that were equal would make the Gram matrix singular; far below what float32 weights can tell apart. */
const RIDGE = 1e-6;

/** Z = [x, scale · s] seen from its own rows. */
export interface RowSpace {
  /** L: [n, n]; fit on this as on any dense matrix. */
  rows: Dense;
  /** Weights [n, classes] found over `rows` -> weights over the columns of x and of the unscaled s, times `scale`. */
  back(weights: Float32Array, classes: number): { dense: Float32Array; sparse: Float32Array };
}

export function toRowSpace(x: Dense, s: Csr, scale: number): RowSpace {
  const n = x.rows;
  const l = cholesky(gram(x, s, scale), n);
  const values = Float32Array.from(l);
  return {
    rows: { rows: n, columns: n, values },
    back(weights, classes) {
      const coefficients = solveTransposed(l, n, weights, classes);
      const dense = new Float32Array(x.columns * classes);
      const sparse = new Float32Array(s.columns * classes);
      for (let row = 0; row < n; row++) {
        const from = row * classes;
        for (let j = 0; j < x.columns; j++)
          addRow(dense, j * classes, coefficients, from, classes, x.values[row * x.columns + j] as number);
        for (let at = s.starts[row] as number; at < (s.starts[row + 1] as number); at++) {
          const value = scale * scale * (s.values[at] as number);
          addRow(sparse, (s.indices[at] as number) * classes, coefficients, from, classes, value);
        }
      }
      return { dense, sparse };
    },
  };
}

function addRow(
  out: Float32Array,
  to: number,
  coefficients: Float64Array,
  from: number,
  classes: number,
  factor: number,
): void {
  for (let c = 0; c < classes; c++)
    out[to + c] = (out[to + c] as number) + factor * (coefficients[from + c] as number);
}

/** Lower half of xxᵀ + scale² ssᵀ, [n, n]. */
function gram(x: Dense, s: Csr, scale: number): Float64Array {
  const n = x.rows;
  const out = new Float64Array(n * n);
  const spread = new Float64Array(s.columns);
  const squared = scale * scale;
  for (let i = 0; i < n; i++) {
    const [from, to] = [s.starts[i] as number, s.starts[i + 1] as number];
    for (let at = from; at < to; at++) spread[s.indices[at] as number] = squared * (s.values[at] as number);
    for (let j = 0; j <= i; j++) {
      let sum = 0;
      for (let c = 0; c < x.columns; c++)
        sum += (x.values[i * x.columns + c] as number) * (x.values[j * x.columns + c] as number);
      const end = s.starts[j + 1] as number;
      for (let at = s.starts[j] as number; at < end; at++)
        sum += (spread[s.indices[at] as number] as number) * (s.values[at] as number);
      out[i * n + j] = sum;
    }
    for (let at = from; at < to; at++) spread[s.indices[at] as number] = 0;
  }
  return out;
}

/** Cholesky factor in place of the lower half; zero above the diagonal. */
function cholesky(a: Float64Array, n: number): Float64Array {
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = a[i * n + j] as number;
      for (let c = 0; c < j; c++) sum -= (a[i * n + c] as number) * (a[j * n + c] as number);
      a[i * n + j] = i === j ? Math.sqrt(Math.max(sum, 0) + RIDGE) : sum / (a[j * n + j] as number);
    }
  }
  return a;
}

/** Solves Lᵀ A = W for A, [n, classes]. */
function solveTransposed(l: Float64Array, n: number, weights: Float32Array, classes: number): Float64Array {
  const a = Float64Array.from(weights);
  for (let i = n - 1; i >= 0; i--) {
    const diagonal = l[i * n + i] as number;
    for (let c = 0; c < classes; c++) a[i * classes + c] = (a[i * classes + c] as number) / diagonal;
    for (let j = 0; j < i; j++) {
      const factor = l[i * n + j] as number;
      if (factor === 0) continue;
      for (let c = 0; c < classes; c++)
        a[j * classes + c] = (a[j * classes + c] as number) - factor * (a[i * classes + c] as number);
    }
  }
  return a;
}
