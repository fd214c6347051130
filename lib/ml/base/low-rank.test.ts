import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { truncate } from "./low-rank";

const random = generator(5);
const noise = (length: number) => Float32Array.from({ length }, () => random() - 0.5);

/** A [rows, inner] · B [inner, columns]. */
function multiply(a: Float32Array, b: Float32Array, rows: number, inner: number, columns: number) {
  const out = new Float32Array(rows * columns);
  for (let i = 0; i < rows; i++)
    for (let k = 0; k < inner; k++)
      for (let j = 0; j < columns; j++)
        out[i * columns + j] =
          (out[i * columns + j] as number) + (a[i * inner + k] as number) * (b[k * columns + j] as number);
  return out;
}
const distance = (a: Float32Array, b: Float32Array) =>
  Math.sqrt(a.reduce((sum, value, i) => sum + (value - (b[i] as number)) ** 2, 0));

test("a matrix of low rank comes back whole from its narrow parts", () => {
  for (const [rows, columns] of [
    [40, 90],
    [90, 40],
  ] as const) {
    const matrix = multiply(noise(rows * 5), noise(5 * columns), rows, 5, columns);
    const { a, b } = truncate(matrix, [rows, columns], 8);
    expect(distance(multiply(a, b, rows, 8, columns), matrix)).toBeLessThan(1e-4);
  }
});

test("what is cut off is what a full decomposition would cut off, and the strongest directions come first", () => {
  // A diagonal matrix is its own decomposition.
  const size = 30;
  const matrix = new Float32Array(size * size);
  for (let i = 0; i < size; i++) matrix[i * size + i] = 0.8 ** ((i * 7) % size);
  const best = (rank: number) =>
    Math.sqrt(Array.from({ length: size - rank }, (_, i) => 0.8 ** (2 * (rank + i))).reduce((x, y) => x + y));
  const { a, b } = truncate(matrix, [size, size], 12);
  expect(distance(multiply(a, b, size, 12, size), matrix)).toBeCloseTo(best(12), 3);
  const narrowA = Float32Array.from(
    { length: size * 4 },
    (_, i) => a[Math.floor(i / 4) * 12 + (i % 4)] as number,
  );
  expect(distance(multiply(narrowA, b.subarray(0, 4 * size), size, 4, size), matrix)).toBeCloseTo(best(4), 3);
});

test("a zero matrix has zero parts, and a rank above its size changes nothing", () => {
  const none = truncate(new Float32Array(12), [3, 4], 2);
  expect([...none.a, ...none.b].every((value) => value === 0)).toBe(true);
  const matrix = noise(12);
  const { a, b } = truncate(matrix, [3, 4], 6);
  expect(distance(multiply(a, b, 3, 6, 4), matrix)).toBeLessThan(1e-5);
});
