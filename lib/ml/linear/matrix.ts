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

export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((total, part) => total + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** [rows, left + right columns] of two matrices [rows, columns] side by side, all row-major. */
export function joinColumns(
  left: Float32Array,
  leftColumns: number,
  right: Float32Array,
  rightColumns: number,
): Float32Array {
  const rows = right.length / rightColumns;
  const width = leftColumns + rightColumns;
  const out = new Float32Array(rows * width);
  for (let row = 0; row < rows; row++) {
    out.set(left.subarray(row * leftColumns, (row + 1) * leftColumns), row * width);
    out.set(right.subarray(row * rightColumns, (row + 1) * rightColumns), row * width + leftColumns);
  }
  return out;
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
