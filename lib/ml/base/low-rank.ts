import { normalGenerator } from "../linear/svm";

/** A matrix as a product of two narrow ones: A [rows, rank] · B [rank, columns], the strongest direction first. */
export interface LowRank {
  a: Float32Array;
  b: Float32Array;
}

/** Directions beyond the rank that are followed and then dropped: they make those kept accurate. */
const SPARE = 8;
/** Multiplications by M·Mᵀ: each sharpens the gap between directions that are kept and the rest. */
const POWERS = 2;

/**
 * The truncated singular value decomposition M ≈ A·B of a row-major matrix [rows, columns] by a randomised range
 * finder (Halko, Martinsson & Tropp 2011, algorithms 4.4 and 5.1): A = U·Σ, B = Vᵀ. A rank of the smaller side or more
 * gives M itself. The first r columns of A and rows of B are its truncation at any smaller r.
 */
export function truncate(
  matrix: Float32Array,
  [rows, columns]: readonly [number, number],
  rank: number,
  seed = 1,
): LowRank {
  const most = Math.min(rows, columns);
  const wide = Math.min(most, rank + SPARE);
  const kept = Math.min(most, rank);
  const normal = normalGenerator(seed);
  const probe = Float64Array.from({ length: columns * wide }, normal);
  let basis = orthonormal(product(matrix, probe, rows, columns, wide), rows, wide);
  for (let i = 0; i < POWERS; i++) {
    const back = orthonormal(transposedProduct(matrix, basis, rows, columns, wide), columns, wide);
    basis = orthonormal(product(matrix, back, rows, columns, wide), rows, wide);
  }
  // C = Qᵀ·M, kept as its transpose [columns, wide]; M ≈ Q·C, and C·Cᵀ = W·Σ²·Wᵀ.
  const small = transposedProduct(matrix, basis, rows, columns, wide);
  const square = new Float64Array(wide * wide);
  for (let at = 0; at < columns; at++)
    for (let i = 0; i < wide; i++)
      for (let j = 0; j < wide; j++)
        square[i * wide + j] =
          (square[i * wide + j] as number) +
          (small[at * wide + i] as number) * (small[at * wide + j] as number);
  const { values, vectors } = eigen(square, wide);
  const order = [...values.keys()].sort((x, y) => (values[y] as number) - (values[x] as number));
  const [a, b] = [new Float32Array(rows * rank), new Float32Array(rank * columns)];
  for (let k = 0; k < kept; k++) {
    const place = order[k] as number;
    const length = Math.sqrt(Math.max(0, values[place] as number));
    if (length === 0) continue;
    for (let row = 0; row < rows; row++) {
      let sum = 0;
      for (let i = 0; i < wide; i++)
        sum += (basis[row * wide + i] as number) * (vectors[i * wide + place] as number);
      a[row * rank + k] = sum * length;
    }
    for (let column = 0; column < columns; column++) {
      let sum = 0;
      for (let i = 0; i < wide; i++)
        sum += (small[column * wide + i] as number) * (vectors[i * wide + place] as number);
      b[k * columns + column] = sum / length;
    }
  }
  return { a, b };
}

/** M·X [rows, wide]. */
function product(m: Float32Array, x: Float64Array, rows: number, columns: number, wide: number) {
  const out = new Float64Array(rows * wide);
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < columns; at++) {
      const value = m[row * columns + at] as number;
      for (let i = 0; i < wide; i++)
        out[row * wide + i] = (out[row * wide + i] as number) + value * (x[at * wide + i] as number);
    }
  return out;
}

/** Mᵀ·X [columns, wide]. */
function transposedProduct(m: Float32Array, x: Float64Array, rows: number, columns: number, wide: number) {
  const out = new Float64Array(columns * wide);
  for (let row = 0; row < rows; row++)
    for (let at = 0; at < columns; at++) {
      const value = m[row * columns + at] as number;
      for (let i = 0; i < wide; i++)
        out[at * wide + i] = (out[at * wide + i] as number) + value * (x[row * wide + i] as number);
    }
  return out;
}

/** Columns made orthonormal by modified Gram-Schmidt, twice for rounding; one that depends on others becomes zero. */
function orthonormal(x: Float64Array, rows: number, wide: number): Float64Array {
  for (let column = 0; column < wide; column++) {
    const before = norm(x, rows, wide, column);
    for (let pass = 0; pass < 2; pass++)
      for (let other = 0; other < column; other++) {
        let dot = 0;
        for (let row = 0; row < rows; row++)
          dot += (x[row * wide + other] as number) * (x[row * wide + column] as number);
        for (let row = 0; row < rows; row++)
          x[row * wide + column] =
            (x[row * wide + column] as number) - dot * (x[row * wide + other] as number);
      }
    const length = norm(x, rows, wide, column);
    const factor = length > 1e-10 * before ? 1 / length : 0;
    for (let row = 0; row < rows; row++) x[row * wide + column] = (x[row * wide + column] as number) * factor;
  }
  return x;
}

function norm(x: Float64Array, rows: number, wide: number, column: number): number {
  let sum = 0;
  for (let row = 0; row < rows; row++) sum += (x[row * wide + column] as number) ** 2;
  return Math.sqrt(sum);
}

const SWEEPS = 30;
/** Eigenvalues and eigenvectors (columns) of a small symmetric matrix by Jacobi's rotations; the matrix is used up. */
function eigen(m: Float64Array, size: number): { values: Float64Array; vectors: Float64Array } {
  const vectors = new Float64Array(size * size);
  for (let i = 0; i < size; i++) vectors[i * size + i] = 1;
  const at = (i: number, j: number) => m[i * size + j] as number;
  let total = 0;
  for (const value of m) total += value * value;
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    let off = 0;
    for (let i = 0; i < size; i++) for (let j = 0; j < i; j++) off += at(i, j) ** 2;
    if (off <= 1e-24 * total) break;
    for (let p = 0; p < size; p++)
      for (let q = p + 1; q < size; q++) {
        if (at(p, q) === 0) continue;
        const theta = (at(q, q) - at(p, p)) / (2 * at(p, q));
        const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        const rotate = (list: Float64Array, x: number, y: number) => {
          const [one, two] = [list[x] as number, list[y] as number];
          list[x] = c * one - t * c * two;
          list[y] = t * c * one + c * two;
        };
        for (let i = 0; i < size; i++) rotate(m, i * size + p, i * size + q);
        for (let i = 0; i < size; i++) rotate(m, p * size + i, q * size + i);
        for (let i = 0; i < size; i++) rotate(vectors, i * size + p, i * size + q);
      }
  }
  return { values: Float64Array.from({ length: size }, (_, i) => at(i, i)), vectors };
}
