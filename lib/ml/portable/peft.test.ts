import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { EncoderConfig } from "../base/encoder-config";
import { createLora, LORA_TARGETS } from "../base/lora-shape";
import { readSafetensors, writeSafetensors } from "../base/safetensors";
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
  expect(await readPeft(dir, config)).toEqual({ lora, replaced: [] });
});

/** Beside the written adapter's tensors, under names that peft gives them. */
async function addTensors(names: readonly string[]): Promise<void> {
  const path = join(dir, "adapter_model.safetensors");
  const tensors = await readSafetensors(path);
  for (const name of names) tensors.set(name, { shape: [2, 8], values: new Float32Array(16).fill(1) });
  await writeSafetensors(path, tensors);
}

test("a classifier that was saved beside the adapter changes nothing about it, and is named", async () => {
  const cases: [string[], string[], string[]][] = [
    [["classifier", "score"], ["classifier.weight", "classifier.bias"], ["classifier"]],
    [[], ["score.weight"], ["score"]],
    [["classifier"], ["classifier.modules_to_save.default.weight"], ["classifier"]],
    [["classifier"], ["classifier.dense.weight", "classifier.out_proj.weight"], ["classifier"]],
    [
      ["bert.pooler", "my_head"],
      ["bert.pooler.dense.weight", "my_head.weight"],
      ["pooler", "my_head"],
    ],
  ];
  for (const [saved, names, replaced] of cases) {
    await writePeft(dir, lora, "a/base");
    await addTensors(names.map((name) => `base_model.model.${name}`));
    change({ task_type: "SEQ_CLS", modules_to_save: saved });
    expect(await readPeft(dir, config), names.join()).toEqual({ lora, replaced });
  }
});

test("whatever else was tuned beside the adapter is refused, even where it was saved on purpose", async () => {
  const cases: [string[] | null, string][] = [
    [["embeddings"], "bert.embeddings.word_embeddings.weight"],
    [["dense"], "bert.encoder.layer.0.intermediate.dense.weight"],
    [["encoder"], "encoder.layer.0.attention.self.query.bias"],
    [null, "bert.pooler.dense.weight"],
    [null, "my_head.weight"],
    [null, "classifiers.weight"],
  ];
  for (const [saved, name] of cases) {
    await writePeft(dir, lora, "a/base");
    await addTensors([`base_model.model.${name}`]);
    change({ modules_to_save: saved });
    await expect(readPeft(dir, config)).rejects.toThrow(`the adapter changes base_model.model.${name}`);
  }
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
  expect((await readPeft(dir, config)).lora.shape.alpha).toBeCloseTo(4 * Math.SQRT2);
  undo();
});
