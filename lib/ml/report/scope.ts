import type { Csr } from "../data/features";

/** A unit-length row as ascending column numbers with their values. */
export interface SparseRow {
  indices: Int32Array;
  values: Float32Array;
}

export const sparseRow = (matrix: Csr, row: number): SparseRow => {
  const [from, to] = [matrix.starts[row] as number, matrix.starts[row + 1] as number];
  return { indices: matrix.indices.subarray(from, to), values: matrix.values.subarray(from, to) };
};

export function takeSparseRows(matrix: Csr, rows: readonly number[]): Csr {
  const taken = rows.map((row) => sparseRow(matrix, row));
  const starts = new Int32Array(rows.length + 1);
  for (const [i, { indices }] of taken.entries()) starts[i + 1] = (starts[i] ?? 0) + indices.length;
  const total = starts[rows.length] ?? 0;
  const [indices, values] = [new Int32Array(total), new Float32Array(total)];
  for (const [i, row] of taken.entries()) {
    indices.set(row.indices, starts[i]);
    values.set(row.values, starts[i]);
  }
  return { rows: rows.length, columns: matrix.columns, starts, indices, values };
}

/** Similarities to the training rows, the same way in training and in serving. */
export interface Neighbours {
  /** Cosine of a query to each reference row. */
  similarities(query: Float32Array | SparseRow): Float32Array;
}

/** Of two unit-length dense rows. */
export function cosine(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] as number) * (b[j] as number);
  return sum;
}

export function sparseCosine(a: SparseRow, b: SparseRow): number {
  let [sum, i, j] = [0, 0, 0];
  while (i < a.indices.length && j < b.indices.length) {
    const gap = (a.indices[i] as number) - (b.indices[j] as number);
    if (gap === 0) sum += (a.values[i] as number) * (b.values[j] as number);
    if (gap <= 0) i += 1;
    if (gap >= 0) j += 1;
  }
  return sum;
}

/** Over unit-length dense rows. */
export function denseNeighbours(rows: readonly Float32Array[]): Neighbours {
  return {
    similarities(query) {
      if (!(query instanceof Float32Array)) throw new Error("a dense query is needed");
      const out = new Float32Array(rows.length);
      for (const [i, row] of rows.entries()) out[i] = cosine(query, row);
      return out;
    },
  };
}

/** Over unit-length sparse rows, by an inverted index: only rows that share an n-gram cost anything. */
export function sparseNeighbours(matrix: Csr): Neighbours {
  const counts = new Int32Array(matrix.columns + 1);
  for (const index of matrix.indices) counts[index + 1] = (counts[index + 1] ?? 0) + 1;
  for (let i = 0; i < matrix.columns; i++) counts[i + 1] = (counts[i + 1] ?? 0) + (counts[i] ?? 0);
  const next = counts.slice();
  const postings = new Int32Array(matrix.indices.length);
  const weights = new Float32Array(matrix.indices.length);
  for (let row = 0; row < matrix.rows; row++) {
    for (let at = matrix.starts[row] as number; at < (matrix.starts[row + 1] as number); at++) {
      const index = matrix.indices[at] as number;
      const place = next[index] as number;
      next[index] = place + 1;
      postings[place] = row;
      weights[place] = matrix.values[at] as number;
    }
  }
  return {
    similarities(query) {
      if (query instanceof Float32Array) throw new Error("a sparse query is needed");
      const out = new Float32Array(matrix.rows);
      for (const [i, index] of query.indices.entries()) {
        const value = query.values[i] as number;
        for (let at = counts[index] as number; at < (counts[index + 1] as number); at++) {
          const row = postings[at] as number;
          out[row] = (out[row] as number) + value * (weights[at] as number);
        }
      }
      return out;
    },
  };
}

/** The row numbers of the `k` largest similarities, best first. */
export function nearest(similarities: Float32Array, k: number): number[] {
  const best: number[] = [];
  for (const [row, value] of similarities.entries()) {
    const last = best.at(-1);
    if (best.length === k && last !== undefined && value <= (similarities[last] as number)) continue;
    let at = best.length;
    while (at > 0 && value > (similarities[best[at - 1] as number] as number)) at -= 1;
    best.splice(at, 0, row);
    if (best.length > k) best.pop();
  }
  return best;
}

/** Probability that a value of the first kind is above one of the second, ties half. */
export function auroc(positive: readonly number[], negative: readonly number[]): number {
  const all = [
    ...positive.map((value) => ({ value, is: 1 })),
    ...negative.map((value) => ({ value, is: 0 })),
  ];
  all.sort((a, b) => a.value - b.value);
  let [below, wins] = [0, 0];
  for (let i = 0; i < all.length; ) {
    let [end, up, down] = [i, 0, 0];
    for (; end < all.length && all[end]?.value === all[i]?.value; end++)
      if (all[end]?.is) up += 1;
      else down += 1;
    wins += up * (below + down / 2);
    below += down;
    i = end;
  }
  return wins / Math.max(1, positive.length * negative.length);
}
