import { createHash } from "node:crypto";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { bytesOf } from "../artifact";
import { readEncoderConfig } from "../base/encoder-config";
import { foldScale, type Lora, packLora } from "../base/lora-shape";
import { BASES } from "../catalogue";
import { type BaseFiles, type ServedAdapter, TrainingError } from "../task";
import { readPeft } from "./peft";

/** Beside a batch of other adapters a larger one would make all of them pay for its width. */
const MAX_RANK = 64;

const refusal = (message: string) => new TrainingError("adapter_unsupported", message, "adapter");

/**
 * Reads an adapter that Python's `peft` saved (`adapter_config.json`, `adapter_model.safetensors` in F32, F16 or BF16)
 * as serving holds it, its scale in B, and names the heads that were saved beside it and are left out. Throws `TrainingError` with the reason when it cannot be served: another base,
 * shapes that do not fit, a rank above 64, numbers that are none.
 */
export async function importAdapter(
  dir: string,
  base: BaseFiles,
): Promise<ServedAdapter & { replaced: string[] }> {
  await assertBase(dir, base.id);
  const config = await readEncoderConfig(base.dir);
  const { lora, replaced } = await readPeft(dir, config).catch((error: Error) => {
    // What is wrong is the sender's to know; where we keep it is not.
    throw refusal(`${error.message.replaceAll(`${dir}/`, "")}.`.replace(/\.+$/, "."));
  });
  assertServed(lora);
  const folded = foldScale(lora);
  const key = createHash("sha256")
    .update(bytesOf(packLora(folded)))
    .digest("hex");
  return { key, lora: folded, replaced };
}

async function assertBase(dir: string, id: string): Promise<void> {
  const text = await readFile(join(dir, "adapter_config.json"), "utf8");
  const named = (parse(text) as { base_model_name_or_path?: unknown } | null)?.base_model_name_or_path;
  const known = Object.values(BASES).find((one) => one.id === id);
  if (typeof named !== "string") throw refusal("adapter_config.json does not name a base.");
  // Folders and organisations differ; the last part of a name is the base's.
  const last = named.replace(/\/+$/, "").split("/").at(-1);
  if (known && last !== known.title && last !== known.id)
    throw refusal(`The adapter was made for ${named}, and this base is ${known.hub}.`);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw refusal("adapter_config.json is not JSON.");
  }
}

function assertServed({ shape, pairs }: Lora): void {
  if (shape.rank > MAX_RANK)
    throw refusal(`The adapter has rank ${shape.rank}; at most ${MAX_RANK} is served.`);
  if (pairs.some(({ a, b }) => [a, b].some((values) => values.some((x) => !Number.isFinite(x)))))
    throw refusal("The adapter holds numbers that are infinite or none.");
  const layers = new Set(pairs.map(({ layer }) => layer));
  if (pairs.length !== layers.size * shape.targets.length)
    throw refusal("The adapter changes other parts in some layers than in others.");
}
