import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import type { EncoderConfig } from "../base/encoder-config";
import { LORA_TARGETS, type Lora, type LoraPair, MODULES, sizesOf } from "../base/lora-shape";
import { readSafetensors, type Tensor, transpose, writeSafetensors } from "../base/safetensors";

/**
 * Adapters in the form that the `peft` library of Python reads and writes: `adapter_config.json` and
 * `adapter_model.safetensors`, tensors named by the module path in a BERT encoder, A [rank, in] and B [out, rank].
 */
const PREFIX = "base_model.model.";
const BEFORE = /^(?:base_model\.model\.)?(?:bert\.|model\.|0\.auto_model\.)?/;
const NAME = /^encoder\.layer\.(\d+)\.(.+)\.lora_([AB])(?:\.default)?\.weight$/;
/** What `peft` saves with every classifier, whether or not its configuration says so. */
const HEADS = ["classifier", "score"];

const configSchema = z.object({
  peft_type: z.literal("LORA", "only LoRA adapters can be read"),
  r: z.number().int().positive(),
  lora_alpha: z.number().positive(),
  use_rslora: z.boolean().nullish(),
  use_dora: z.literal(false, "DoRA adapters cannot be read").nullish(),
  rank_pattern: z.record(z.string(), z.unknown()).nullish(),
  alpha_pattern: z.record(z.string(), z.unknown()).nullish(),
  modules_to_save: z.array(z.string()).nullish(),
});

/** Writes an adapter for `peft.PeftModel.from_pretrained`. @param base the hub's name of the base. */
export async function writePeft(dir: string, lora: Lora, base: string): Promise<void> {
  const { rank, alpha, targets } = lora.shape;
  const tensors = new Map<string, Tensor>();
  for (const { layer, target, a, b } of lora.pairs) {
    const module = `${PREFIX}encoder.layer.${layer}.${MODULES[target]}`;
    const [input, output] = [a.length / rank, b.length / rank];
    tensors.set(`${module}.lora_A.weight`, transpose({ shape: [input, rank], values: a }));
    tensors.set(`${module}.lora_B.weight`, transpose({ shape: [rank, output], values: b }));
  }
  const layers = new Set(lora.pairs.map(({ layer }) => layer));
  // A suffix would not do: "output.dense" ends two modules of every layer.
  const modules = targets.map((target) => MODULES[target].replaceAll(".", "\\."));
  const config = {
    peft_type: "LORA",
    task_type: "FEATURE_EXTRACTION",
    base_model_name_or_path: base,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: 0,
    bias: "none",
    target_modules: `.*encoder\\.layer\\.(${[...layers].join("|")})\\.(${modules.join("|")})`,
    inference_mode: true,
  };
  await writeSafetensors(join(dir, "adapter_model.safetensors"), tensors);
  await writeFile(join(dir, "adapter_config.json"), `${JSON.stringify(config, null, 2)}\n`);
}

/** The head that a tensor belongs to; undefined where it changes how the base itself reads a text. */
function headOf(path: string, heads: readonly string[]): string | undefined {
  const isOfBase = path.split(".").some((part) => part === "encoder" || part === "embeddings");
  return isOfBase ? undefined : heads.find((head) => path.startsWith(`${head}.`));
}

/**
 * Reads an adapter that `peft` saved for a base of this shape. Heads that were tuned and saved beside it are left out
 * and named: whoever serves the adapter puts a head of his own behind the base. Throws one sentence when it is of another
 * kind, of another base, or holds tensors that cannot be served.
 */
export async function readPeft(
  dir: string,
  config: EncoderConfig,
): Promise<{ lora: Lora; replaced: string[] }> {
  const parsed = configSchema.safeParse(JSON.parse(await readFile(join(dir, "adapter_config.json"), "utf8")));
  if (!parsed.success)
    throw new Error(`adapter_config.json: ${parsed.error.issues.map((issue) => issue.message).join("; ")}`);
  const { r: rank, lora_alpha, use_rslora, rank_pattern, alpha_pattern, modules_to_save } = parsed.data;
  if (Object.keys(rank_pattern ?? {}).length > 0 || Object.keys(alpha_pattern ?? {}).length > 0)
    throw new Error("adapter_config.json: one rank and one alpha for all modules are needed");
  // rsLoRA divides by √rank (Kalajdzievski 2023); here alpha is always divided by the rank.
  const alpha = use_rslora ? lora_alpha * Math.sqrt(rank) : lora_alpha;
  const heads = [...HEADS, ...(modules_to_save ?? []).map((module) => module.replace(BEFORE, ""))];
  const replaced = new Set<string>();
  const pairs = new Map<string, LoraPair>();
  for (const [name, { shape, values }] of await readSafetensors(join(dir, "adapter_model.safetensors"))) {
    const path = name.replace(BEFORE, "");
    const head = headOf(path, heads);
    if (head) {
      replaced.add(head);
      continue;
    }
    const [, layerText = "", module = "", matrix] = path.match(NAME) ?? [];
    const target = LORA_TARGETS.find((one) => MODULES[one] === module);
    const layer = Number(layerText);
    if (!target || layer >= config.layers)
      throw new Error(`the adapter changes ${name}, which this base lacks`);
    const [input, output] = sizesOf(target, config.hidden, config.wide);
    const expected = matrix === "A" ? [rank, input] : [output, rank];
    if (shape.length !== 2 || shape.some((size, i) => size !== expected[i]))
      throw new Error(`${name} is ${shape.join(" x ")}, and this base needs ${expected.join(" x ")}`);
    const key = `${layer}.${target}`;
    const pair = pairs.get(key) ?? { layer, target, a: new Float32Array(0), b: new Float32Array(0) };
    if (matrix === "A") pair.a = transpose({ shape, values }).values;
    else pair.b = transpose({ shape, values }).values;
    pairs.set(key, pair);
  }
  const found = [...pairs.values()].sort((x, y) => x.layer - y.layer || order(x) - order(y));
  if (found.length === 0 || found.some(({ a, b }) => a.length === 0 || b.length === 0))
    throw new Error("the adapter lacks matrices: every lora_A needs its lora_B");
  const targets = LORA_TARGETS.filter((target) => found.some((pair) => pair.target === target));
  const fromLayer = Math.min(...found.map(({ layer }) => layer));
  return { lora: { shape: { rank, alpha, targets, fromLayer }, pairs: found }, replaced: [...replaced] };
}
const order = ({ target }: LoraPair) => LORA_TARGETS.indexOf(target);
