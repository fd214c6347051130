import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { EncoderConfig } from "../base/encoder-config";
import { createLora, LORA_TARGETS } from "../base/lora-shape";
import { readPeft, writePeft } from "./peft";

const dir = mkdtempSync(join(tmpdir(), "graft-peft-"));
afterAll(() => rmSync(dir, { recursive: true }));
const config: EncoderConfig = { hidden: 8, layers: 3, heads: 2, wide: 32, epsilon: 1e-12, maxTokens: 16 };
const lora = createLora(config, { rank: 2, alpha: 4, targets: LORA_TARGETS, fromLayer: 1 }, 3);
for (const { b } of lora.pairs) for (let i = 0; i < b.length; i++) b[i] = i / 7;
const configPath = join(dir, "adapter_config.json");
const change = (by: Record<string, unknown>) => {
  const before = readFileSync(configPath, "utf8");
  writeFileSync(configPath, JSON.stringify({ ...JSON.parse(before), ...by }));
  return () => writeFileSync(configPath, before);
};

test("an adapter reads back as it was written", async () => {
  await writePeft(dir, lora, "a/base");
  expect(await readPeft(dir, config)).toEqual(lora);
});

test("an adapter of another base or another kind is refused with the reason", async () => {
  await writePeft(dir, lora, "a/base");
  await expect(readPeft(dir, { ...config, hidden: 16 })).rejects.toThrow("this base needs 2 x 16");
  await expect(readPeft(dir, { ...config, layers: 2 })).rejects.toThrow("which this base lacks");
  const changes = [
    [{ peft_type: "IA3" }, "only LoRA"],
    [{ use_dora: true }, "DoRA"],
    [{ rank_pattern: { query: 4 } }, "one rank"],
  ] as const;
  for (const [by, reason] of changes) {
    const undo = change(by);
    await expect(readPeft(dir, config)).rejects.toThrow(reason);
    undo();
  }
});

test("an rsLoRA adapter is read at its own scale", async () => {
  await writePeft(dir, lora, "a/base");
  const undo = change({ use_rslora: true });
  expect((await readPeft(dir, config)).shape.alpha).toBeCloseTo(4 * Math.SQRT2);
  undo();
});
