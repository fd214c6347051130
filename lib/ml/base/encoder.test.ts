import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Tensor2D, tidy } from "@tensorflow/tfjs-core";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openGoldenBackend } from "../golden.fixture";
import { writeBaseGraph } from "./bert-graph";
import { createBatch, type Encoder, openEncoder, pool, type RunOptions } from "./encoder";
import { type OpenBase, openBase } from "./forward";
import { holdLora } from "./lora";
import { createLora, foldScale, type Lora, scaleLora } from "./lora-shape";
import { writeSmallBert } from "./small-bert.fixture";

const dir = mkdtempSync(join(tmpdir(), "graft-encoder-"));
let encoder: Encoder;
let base: OpenBase;
const sequences = [
  [1, 5, 9, 2],
  [1, 2],
  [1, 19, 4, 7, 8, 3, 2],
].map((ids) => Int32Array.from(ids));
const shape = {
  rank: 2,
  alpha: 4,
  targets: ["query", "value", "up", "down", "output"],
  fromLayer: 0,
} as const;

beforeAll(async () => {
  await openGoldenBackend();
  await writeSmallBert(dir);
  await writeBaseGraph(dir);
  encoder = await openEncoder(dir);
  base = await openBase(dir, { threads: 1 });
});
afterAll(async () => {
  encoder.dispose();
  await base.close();
  rmSync(dir, { recursive: true });
});

function vectors(options: RunOptions = {}): Float32Array {
  let out = new Float32Array(0);
  const batch = createBatch(sequences);
  tidy(() => {
    const x = encoder.embed(batch);
    out = pool(encoder.run(x, batch, options), batch).dataSync() as Float32Array<ArrayBuffer>;
  });
  batch.dispose();
  return out;
}
const worst = (a: Float32Array, b: ArrayLike<number>) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 9))), 0);
/** An adapter whose B is not zero any more. */
function trained(seed: number): Lora {
  const lora = createLora(encoder.config, shape, seed);
  for (const pair of lora.pairs) for (let i = 0; i < pair.b.length; i++) pair.b[i] = Math.sin(seed + i) / 4;
  return lora;
}

test("the encoder computes what the served graph computes, padded or not", async () => {
  const served = (await base.embed(sequences.map((ids) => ({ ids })))).flatMap((vector) => [...vector]);
  expect(worst(vectors(), served)).toBeLessThanOrEqual(1e-4);
});

test("layers can be run in parts, so that those below an adapter are computed once", () => {
  const whole = vectors();
  let parts = new Float32Array(0);
  const batch = createBatch(sequences);
  tidy(() => {
    const below = encoder.run(encoder.embed(batch), batch, { to: 1 });
    parts = pool(
      encoder.run(below as Tensor2D, batch, { from: 1 }),
      batch,
    ).dataSync() as Float32Array<ArrayBuffer>;
  });
  expect(worst(parts, whole)).toBeLessThanOrEqual(1e-6);
});

test("an untrained adapter is the base, and one at strength zero too", () => {
  const plain = vectors();
  for (const lora of [createLora(encoder.config, shape, 3), scaleLora(trained(3), 0)]) {
    const held = holdLora(lora, encoder.config);
    expect(worst(vectors({ difference: held.difference }), plain)).toBeLessThanOrEqual(1e-6);
    held.dispose();
  }
});

test("an adapter moves the vectors, and reads back as it was", () => {
  const lora = trained(3);
  const held = holdLora(lora, encoder.config);
  expect(worst(vectors({ difference: held.difference }), vectors())).toBeGreaterThan(1e-3);
  expect(held.read()).toEqual(lora);
  held.dispose();
});

test("served adapters of several ranks, mixed in one batch, answer as each does in training", async () => {
  const served = { targets: ["query", "value"] as const, fromLayer: 0 };
  const loras = [2, 3, 1].map((rank, n) => {
    const lora = createLora(encoder.config, { ...served, rank, alpha: 2 * rank, fromLayer: n % 2 }, n);
    for (const pair of lora.pairs) for (let i = 0; i < pair.b.length; i++) pair.b[i] = Math.cos(n + i) / 4;
    return lora;
  });
  const expected = loras.map((lora, row) => {
    const held = holdLora(lora, encoder.config);
    const own = vectors({ difference: held.difference }).slice(row * 8, row * 8 + 8);
    held.dispose();
    return own;
  });
  const rows = sequences.map((ids, row) => {
    const lora = loras[row];
    return lora ? { ids, adapter: { key: `adapter ${row}`, lora: foldScale(lora) } } : { ids };
  });
  const plain = sequences.map((ids) => ({ ids }));
  const mixed = await base.embed([...rows, ...plain]);
  const untouched = await base.embed(plain);
  for (const [row, vector] of expected.entries()) {
    expect(worst(mixed[row] ?? vector.map(() => 9), vector)).toBeLessThanOrEqual(1e-5);
    expect(worst(mixed[row + 3] ?? vector, untouched[row] ?? [])).toBeLessThanOrEqual(1e-5);
    const [alone] = await base.embed(rows.slice(row, row + 1));
    expect(worst(alone ?? vector.map(() => 9), vector)).toBeLessThanOrEqual(1e-5);
  }
});

test("one adapter at several scales, mixed in one batch, counts so much in each row", async () => {
  const lora = createLora(encoder.config, { ...shape, targets: ["query", "value"] }, 3);
  for (const { b } of lora.pairs) for (let i = 0; i < b.length; i++) b[i] = Math.cos(i) / 4;
  const adapter = { key: "one", lora: foldScale(lora) };
  const [ids = new Int32Array()] = sequences;
  const rows = [0.5, 1, 2, 0].map((scale) => ({ ids, adapter, scale }));
  const mixed = await base.embed([...rows, { ids, adapter }]);
  const expected = [...rows.map(({ scale }) => scale), 1].map((scale) => {
    const held = holdLora(scaleLora(lora, scale), encoder.config);
    const own = vectors({ difference: held.difference }).slice(0, 8);
    held.dispose();
    return own;
  });
  for (const [row, vector] of expected.entries())
    expect(worst(mixed[row] ?? vector.map(() => 9), vector)).toBeLessThanOrEqual(1e-5);
  expect(worst(mixed[0] ?? new Float32Array(8), mixed[1] ?? [])).toBeGreaterThan(1e-3);
  // All alike, the matrices are handed over once for all rows.
  const alike = await base.embed([...rows.slice(0, 1), ...rows.slice(0, 1)]);
  for (const vector of alike) expect(worst(vector, expected[0] ?? [])).toBeLessThanOrEqual(1e-5);
});
