import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BASES } from "../catalogue";
import { tokenLayers, writeBaseGraph } from "./bert-graph";
import { openBase } from "./forward";
import { halfToFloat, readSafetensors } from "./safetensors";
import { SMALL_BERT, type SmallWeights, writeSmallBert } from "./small-bert.fixture";

const dir = mkdtempSync(join(tmpdir(), "graft-bert-"));
let weights: SmallWeights;
beforeAll(async () => {
  weights = await writeSmallBert(dir);
});
afterAll(() => rmSync(dir, { recursive: true }));

test("the catalogue says how many layers of a base are run where words are read", () => {
  for (const { layers, wordLayers } of Object.values(BASES)) expect(wordLayers).toBe(tokenLayers(layers));
});

const w = (name: string) => weights.get(name)?.values ?? new Float32Array();
function linear(x: number[][], name: string): number[][] {
  const [matrix, bias] = [w(`${name}.weight`), w(`${name}.bias`)];
  return x.map((row) =>
    Array.from(bias, (b, o) =>
      row.reduce((sum, value, i) => sum + value * (matrix[o * row.length + i] ?? 0), b),
    ),
  );
}
function normal(x: number[][], name: string): number[][] {
  return x.map((row) => {
    const mean = row.reduce((a, b) => a + b, 0) / row.length;
    const variance = row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length;
    return row.map(
      (v, i) =>
        ((v - mean) / Math.sqrt(variance + 1e-12)) * (w(`${name}.weight`)[i] ?? 0) +
        (w(`${name}.bias`)[i] ?? 0),
    );
  });
}
/** Abramowitz & Stegun 7.1.26 is too coarse here: the series is exact enough for small arguments. */
function erf(x: number): number {
  let [term, sum] = [x, x];
  for (let n = 1; n < 60; n++) {
    term *= (-x * x) / n;
    sum += term / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * sum;
}
const added = (a: number[][], b: number[][]) => a.map((row, t) => row.map((v, i) => v + (b[t]?.[i] ?? 0)));

/** The forward pass once more, written for reading. */
function reference(ids: readonly number[]): { tokens: number[][]; embedding: number[] } {
  const at = (name: string, row: number) => Array.from(w(name).subarray(row * 8, row * 8 + 8));
  let x = ids.map((id, t) =>
    at("embeddings.word_embeddings.weight", id).map(
      (v, i) =>
        v +
        (at("embeddings.position_embeddings.weight", t)[i] ?? 0) +
        (at("embeddings.token_type_embeddings.weight", 0)[i] ?? 0),
    ),
  );
  x = normal(x, "embeddings.LayerNorm");
  let tokens: number[][] = [];
  for (const i of [0, 1]) {
    const layer = `encoder.layer.${i}`;
    const [q, k, v] = ["query", "key", "value"].map((part) => linear(x, `${layer}.attention.self.${part}`));
    const mixed = x.map(() => new Array<number>(8).fill(0));
    for (const h of [0, 4]) {
      for (const [t, row] of (q ?? []).entries()) {
        const scores = (k ?? []).map((other) => {
          let sum = 0;
          for (let j = h; j < h + 4; j++) sum += (row[j] ?? 0) * (other[j] ?? 0);
          return Math.exp(sum / 2);
        });
        const total = scores.reduce((a, b) => a + b, 0);
        for (const [s, score] of scores.entries())
          for (let j = h; j < h + 4; j++) {
            const target = mixed[t];
            if (target) target[j] = (target[j] ?? 0) + (score / total) * (v?.[s]?.[j] ?? 0);
          }
      }
    }
    x = normal(
      added(linear(mixed, `${layer}.attention.output.dense`), x),
      `${layer}.attention.output.LayerNorm`,
    );
    const wide = linear(x, `${layer}.intermediate.dense`).map((row) =>
      row.map((value) => (value / 2) * (1 + erf(value / Math.SQRT2))),
    );
    x = normal(added(linear(wide, `${layer}.output.dense`), x), `${layer}.output.LayerNorm`);
    if (i + 1 === tokenLayers(2)) tokens = x;
  }
  const mean = Array.from({ length: 8 }, (_, i) => x.reduce((sum, row) => sum + (row[i] ?? 0), 0) / x.length);
  const norm = Math.hypot(...mean);
  return { tokens, embedding: mean.map((value) => value / norm) };
}

test("the written graph computes what a plain forward pass computes, padded or not", async () => {
  await writeBaseGraph(dir);
  const base = await openBase(dir, { threads: 1 });
  const batch = [
    [1, 5, 9, 2],
    [1, 2],
    [1, 19, 4, 7, 8, 3, 2],
  ];
  const sequences = batch.map((ids) => ({ ids: Int32Array.from(ids) }));
  const embedded = await base.embed(sequences);
  // One row of the batch wants its sentence, the others their tokens.
  const mixed = await base.embed(sequences.map((one, row) => ({ ...one, isPerToken: row > 0 })));
  await base.close();
  const worst = (found: Float32Array | undefined, expected: readonly number[]) => {
    expect(found).toHaveLength(expected.length);
    return Math.max(...expected.map((value, j) => Math.abs(value - (found?.[j] ?? 9))));
  };
  for (const [i, ids] of batch.entries()) {
    const { tokens, embedding } = reference(ids);
    expect(worst(embedded[i], embedding)).toBeLessThanOrEqual(1e-4);
    expect(worst(mixed[i], i > 0 ? tokens.flat() : embedding)).toBeLessThanOrEqual(1e-4);
  }
});

test("another architecture and a cut file are refused", async () => {
  const other = mkdtempSync(join(tmpdir(), "graft-other-"));
  writeFileSync(join(other, "config.json"), JSON.stringify({ ...SMALL_BERT, model_type: "gpt2" }));
  await expect(writeBaseGraph(other)).rejects.toThrow("only BERT encoders");
  writeFileSync(join(other, "cut.safetensors"), Buffer.from([255, 0, 0, 0, 0, 0, 0, 0, 1]));
  await expect(readSafetensors(join(other, "cut.safetensors"))).rejects.toThrow("not a safetensors file");
  rmSync(other, { recursive: true });
});

test("half precision is read as IEEE 754 says", () => {
  const cases = [
    [0x3c00, 1],
    [0xc000, -2],
    [0x7bff, 65504],
    [0x0001, 2 ** -24],
    [0x3555, 0.333251953125],
  ] as const;
  for (const [half, value] of cases) expect(halfToFloat(half)).toBe(value);
});
