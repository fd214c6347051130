import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readEncoderConfig } from "../base/encoder-config";
import { createLora, LORA_TARGETS, type Lora, type LoraShape } from "../base/lora-shape";
import { writeSmallBert } from "../base/small-bert.fixture";
import { importAdapter } from "./import";
import { writePeft } from "./peft";

const root = mkdtempSync(join(tmpdir(), "graft-import-"));
const base = { id: "minilm-l6", dir: join(root, "base"), sha256: "0" };
beforeAll(async () => {
  mkdirSync(base.dir);
  await writeSmallBert(base.dir);
});
afterAll(() => rmSync(root, { recursive: true }));
let made = 0;

const USUAL: LoraShape = { rank: 2, alpha: 6, targets: ["query", "value"], fromLayer: 0 };
async function adapter(
  shape: Partial<LoraShape> = {},
  named = "sentence-transformers/all-MiniLM-L6-v2",
  change: (lora: Lora) => void = () => {},
): Promise<string> {
  const dir = join(root, `adapter-${made++}`);
  mkdirSync(dir);
  const lora = createLora(await readEncoderConfig(base.dir), { ...USUAL, ...shape }, 1);
  for (const { b } of lora.pairs) b.fill(0.5);
  change(lora);
  await writePeft(dir, lora, named);
  return dir;
}

test("an adapter is held with its scale in B, and equal ones have one name", async () => {
  const [one, two] = [await importAdapter(await adapter(), base), await importAdapter(await adapter(), base)];
  expect(one.lora.shape).toEqual({ ...USUAL, alpha: 2 });
  expect(one.lora.pairs[0]?.b[0]).toBeCloseTo(1.5, 6);
  expect(one.key).toBe(two.key);
});

test("every linear part of a layer can be adapted", async () => {
  const { lora } = await importAdapter(await adapter({ targets: LORA_TARGETS }), base);
  expect(new Set(lora.pairs.map(({ target }) => target))).toEqual(new Set(LORA_TARGETS));
});

test("what cannot be served is refused with its reason, and the reason names no folder of ours", async () => {
  const refused: [Promise<string>, RegExp][] = [
    [adapter({}, "google/bert-base-uncased"), /made for google\/bert-base-uncased/],
    [adapter({ rank: 65 }), /rank 65; at most 64/],
    [adapter({}, "a/all-MiniLM-L6-v2", ({ pairs }) => pairs[0]?.b.fill(Number.NaN)), /infinite or none/],
    [adapter({}, "a/all-MiniLM-L6-v2", ({ pairs }) => pairs.splice(1, 1)), /other parts in some layers/],
  ];
  const broken = await adapter();
  writeFileSync(join(broken, "adapter_model.safetensors"), "nonsense of sixteen");
  refused.push([Promise.resolve(broken), /not a safetensors file/]);
  const unread = await adapter();
  writeFileSync(join(unread, "adapter_config.json"), "{");
  refused.push([Promise.resolve(unread), /is not JSON/]);
  const dora = await adapter();
  const config = JSON.parse(readFileSync(join(dora, "adapter_config.json"), "utf8"));
  writeFileSync(join(dora, "adapter_config.json"), JSON.stringify({ ...config, use_dora: true }));
  refused.push([Promise.resolve(dora), /DoRA/]);
  for (const [dir, reason] of refused) {
    const error = await importAdapter(await dir, base).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "adapter_unsupported", message: expect.stringMatching(reason) });
    expect((error as Error).message).not.toContain(root);
  }
});
