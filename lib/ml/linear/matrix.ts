import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm";
import { matMul, setBackend, type Tensor2D, tensor2d, tidy } from "@tensorflow/tfjs-core";

/** A dense row-major matrix of float32. */
export interface Dense {
  rows: number;
  columns: number;
  values: Float32Array;
}

let ready: Promise<unknown> | undefined;
/** Brings up TensorFlow.js on WebAssembly; measured 15 to 20 times plain typed arrays on these products. */
export function openTensorFlow(): Promise<unknown> {
  if (!ready) {
    const entry = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm");
    setWasmPaths(join(dirname(entry), "/"));
    ready = setBackend("wasm");
  }
  return ready;
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
 * One matrix held twice, as it is and transposed: the WebAssembly kernel is fast only without transposition,
 * and a gradient needs both products.
 */
export function holdMatrix(x: Dense) {
  const flipped = new Float32Array(x.values.length);
  for (let i = 0; i < x.rows; i++)
    for (let j = 0; j < x.columns; j++) flipped[j * x.rows + i] = x.values[i * x.columns + j] as number;
  const a = tensor2d(x.values, [x.rows, x.columns]);
  const t = tensor2d(flipped, [x.columns, x.rows]);
  const times = (left: Tensor2D, right: Float32Array, rows: number, columns: number) => {
    // The array stays outside of `tidy`: returning a large one through it costs fifty times as much.
    let out = new Float32Array(0);
    tidy(() => {
      out = matMul(left, tensor2d(right, [rows, columns])).dataSync() as Float32Array<ArrayBuffer>;
    });
    return out;
  };
  return {
    /** x · right, with right [columns, k]. */
    times: (right: Float32Array, k: number) => times(a, right, x.columns, k),
    /** xᵀ · right, with right [rows, k]. */
    transposedTimes: (right: Float32Array, k: number) => times(t, right, x.rows, k),
    dispose() {
      a.dispose();
      t.dispose();
    },
  };
}
