import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Gradients, openGradients } from "./gradients";
import { writeSmallBert } from "./ml/base/small-bert.fixture";

const dir = mkdtempSync(join(tmpdir(), "graft-gradient-child-"));
let gradients: Gradients;
beforeAll(async () => {
  await writeSmallBert(dir);
  gradients = openGradients(new URL("../workers/gradient-child.ts", import.meta.url), 1);
});
afterAll(() => {
  gradients.close();
  rmSync(dir, { recursive: true });
});

const order = {
  ids: Int32Array.from([1, 5, 9, 2]),
  adapter: null,
  head: { inputs: 8, classes: 2, weights: new Float32Array(16).fill(0.5), bias: Float32Array.of(1, 0) },
  temperature: 1,
  beside: new Float32Array(2),
  labels: [0],
};
const ask = (signal = new AbortController().signal, folder = dir) =>
  gradients.integrate(folder, order, signal).then(
    ([found]) => found?.whole.toFixed(3),
    (error: { code?: string }) => error.code ?? "failed",
  );

test("four may be open, a fifth is told to come again, and every one of the four is answered", async () => {
  const asked = await Promise.all(Array.from({ length: 5 }, () => ask()));
  expect(asked).toEqual(["1.000", "1.000", "1.000", "1.000", "overloaded"]);
});

test("a caller who goes, and a base that is not there, end the process; the next question has another", async () => {
  const caller = new AbortController();
  const asked = ask(caller.signal);
  caller.abort();
  expect(await asked).toBe("overloaded");
  expect(await ask()).toBe("1.000");
  expect(await ask(undefined, join(dir, "absent"))).toBe("failed");
  expect(await ask()).toBe("1.000");
});
