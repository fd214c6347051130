import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Sequence } from "../task";
import { writeBaseGraph } from "./bert-graph";
import { type OpenBase, openBase } from "./forward";
import { createLora, type LoraTarget } from "./lora-shape";
import { writeSmallBert } from "./small-bert.fixture";

const dir = mkdtempSync(join(tmpdir(), "graft-int8-"));
const HIDDEN = 64;
const CONFIG = { hidden: HIDDEN, wide: 4 * HIDDEN, layers: 2, heads: 2, epsilon: 1e-12, maxTokens: 16 };
let base: OpenBase;
beforeAll(async () => {
  await writeSmallBert(dir, HIDDEN);
  await writeBaseGraph(dir);
  base = await openBase(dir, { threads: 1 });
});
afterAll(async () => {
  await base.close();
  rmSync(dir, { recursive: true });
});

const idsOf = (row: number, tokens: number) =>
  Int32Array.from({ length: tokens }, (_, t) => (row * 7 + t * 3) % 20);
/** An adapter that moves the vectors. */
function adapterOf(row: number, targets: readonly LoraTarget[]) {
  const shape = { rank: 2, alpha: 2, targets, fromLayer: 0 };
  const lora = createLora(CONFIG, shape, row + 1);
  for (const { b } of lora.pairs) b.fill(0.1);
  return { key: `adapter ${row} ${targets}`, lora };
}
const worst = (one: Float32Array | undefined, other: Float32Array | undefined) =>
  Math.max(...(one ?? []).map((value, i) => Math.abs(value - (other?.[i] ?? 9))));
const cosine = (one: Float32Array | undefined, other: Float32Array | undefined) =>
  (one ?? new Float32Array()).reduce((sum, value, i) => sum + value * (other?.[i] ?? 0), 0);

const kinds: [string, LoraTarget[]][] = [
  ["the base alone", []],
  ["adapters on query and value", ["query", "value"]],
  ["adapters on every linear part", ["query", "key", "value", "output", "up", "down"]],
];
test.each(kinds)(
  "in int8, a row's vector does not depend on whose rows share its batch: %s",
  async (_, targets) => {
    const rows = Array.from({ length: 9 }, (_, row): Sequence => {
      const sequence = { ids: idsOf(row, 3 + row), precision: "int8" as const };
      return targets.length > 0 ? { ...sequence, adapter: adapterOf(row, targets) } : sequence;
    });
    const together = await base.embed(rows);
    const asFloats = await base.embed(rows.map((row) => ({ ...row, precision: "float32" as const })));
    for (const [i, row] of rows.entries()) {
      const [alone] = await base.embed([row]);
      expect(worst(alone, together[i])).toBeLessThanOrEqual(1e-5);
      expect(cosine(alone, asFloats[i])).toBeGreaterThan(0.99);
      expect(worst(alone, asFloats[i])).toBeGreaterThan(1e-6);
    }
  },
);

test("a batch of both precisions is refused, since one of them would be answered as the other", async () => {
  const ids = idsOf(1, 4);
  await expect(base.embed([{ ids }, { ids, precision: "int8" }])).rejects.toThrow("one precision");
});
