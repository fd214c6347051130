import { matMul, type Tensor2D, tensor2d, transpose } from "@tensorflow/tfjs-core";
import type { Backend } from "../backend";

/** A dense row-major matrix of float32. */
export interface Dense {
  rows: number;
  columns: number;
  values: Float32Array;
}

/** The rows with the given numbers, in that order. */
export function takeDenseRows(matrix: Dense, rows: readonly number[]): Dense {
  const values = new Float32Array(rows.length * matrix.columns);
  for (const [i, row] of rows.entries())
    values.set(matrix.values.subarray(row * matrix.columns, (row + 1) * matrix.columns), i * matrix.columns);
  return { rows: rows.length, columns: matrix.columns, values };
}

export function fromRows(rows: readonly Float32Array[]): Dense {
  const columns = rows[0]?.length ?? 0;
  const values = new Float32Array(rows.length * columns);
  for (const [i, row] of rows.entries()) values.set(row, i * columns);
  return { rows: rows.length, columns, values };
}

/**
 * One matrix among the tensors and its products with matrices that change. WebAssembly's kernel is fast only
 * without transposition, so there it is held a second time, transposed; natively one copy is as fast as two.
 */
export function holdMatrix(x: Dense, backend: Backend) {
  const own = tensor2d(x.values, [x.rows, x.columns]);
  const flipped = backend.id === "wasm" ? transpose(own) : null;
  return {
    /** x · right, with right [columns, k]. */
    times: (right: Tensor2D): Tensor2D => matMul(own, right),
    /** xᵀ · right, with right [rows, k]. */
    transposedTimes: (right: Tensor2D): Tensor2D =>
      flipped ? matMul(flipped, right) : matMul(own, right, true, false),
    dispose() {
      own.dispose();
      flipped?.dispose();
    },
  };
}
