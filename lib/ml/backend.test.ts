import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import { type BackendId, openBackend } from "./backend";
import type { Computed } from "./backend.fixture";
import { runOnBackend } from "./golden.fixture";

const FIXTURE = fileURLToPath(new URL("./backend.fixture.ts", import.meta.url));
/** Largest difference between float32 sums of a few hundred products in another order. */
const TOLERANCE = 1e-5;

const compute = (id: BackendId) => runOnBackend<Computed>(FIXTURE, id);
const wasm = compute("wasm");
if (typeof wasm === "string") throw new Error(wasm);

test("WebAssembly says that encoders cannot be tuned on it, and leaves no tensor behind", () => {
  expect(wasm).toMatchObject({ label: "TensorFlow.js WebAssembly", canTune: false, leaked: 0 });
});

test("a process keeps its backend: asking for another one is refused", async () => {
  expect((await openBackend({ only: "wasm" })).id).toBe("wasm");
  expect((await openBackend()).id).toBe("wasm");
  await expect(openBackend({ only: "native" })).rejects.toThrow("needs a process of its own");
});

test("WebAssembly gives the same result twice", () => {
  expect(compute("wasm")).toEqual(wasm);
});

describe.each(["native", "cuda"] as const)("%s", (id) => {
  const found = compute(id);
  if (typeof found === "string") console.warn(`SKIPPED: TensorFlow.js ${id}: ${found}`);
  const own = typeof found === "string" ? wasm : found;

  test.skipIf(typeof found === "string")("computes what WebAssembly computes", () => {
    expect(own).toMatchObject({ canTune: true, leaked: 0 });
    for (const [name, values] of Object.entries(wasm.cases)) {
      const worst = values.reduce(
        (most, x, i) => Math.max(most, Math.abs(x - (own.cases[name]?.[i] ?? NaN))),
        0,
      );
      expect(worst, name).toBeLessThan(TOLERANCE);
    }
  });

  // On CUDA sums run in whatever order threads end; there only the tolerance above is promised.
  test.skipIf(typeof found === "string" || id === "cuda")("gives the same result twice", () => {
    expect(compute(id)).toEqual(own);
  });
});
