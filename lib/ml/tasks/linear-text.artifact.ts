import { join } from "node:path";
import type { ZodType } from "zod";
import { floatsOf, type ReadFile } from "../arrays";
import { adapterOf, bytesOf, type Manifest, ngramsOf, readArtifact, writeArtifact } from "../artifact";
import { foldScale, packLora, shapeOf } from "../base/lora-shape";
import type { LinearModel } from "../recipes/linear-text";
import { knownBase } from "./trials.based";

/** A linear model on disk: its two blocks, the adapter that its texts are read through, and what its task settled in training as JSON. */

export async function writeLinear(
  dir: string,
  { head, ngrams, lora }: LinearModel,
  settings: unknown,
  facts: Pick<Manifest, "task" | "recipe" | "base" | "labels">,
): Promise<{ dir: string; sha256: string }> {
  const files: Record<string, Uint8Array> = {
    "weights.f32": bytesOf(head.weights),
    "bias.f32": bytesOf(head.bias),
    "settings.json": Buffer.from(JSON.stringify(settings)),
  };
  if (ngrams) {
    files["hashes.u32"] = bytesOf(ngrams.vocabulary.hashes);
    files["idf.f32"] = bytesOf(ngrams.vocabulary.idf);
    files["ngram-weights.i8"] = bytesOf(ngrams.weights);
    files["ngram-scales.f32"] = bytesOf(ngrams.scales);
  }
  const adapter = lora && foldScale(lora);
  if (adapter) files["adapter.f32"] = bytesOf(packLora(adapter));
  const to = join(dir, "artifact");
  const manifest = { ...facts, adapter: adapter && shapeOf(adapter), temperature: 1, scope: null };
  return { dir: to, sha256: await writeArtifact(to, manifest, files) };
}

/** Throws when a file was changed, is missing, or its settings are not what the task writes. */
export async function readLinear<Settings>(dir: string, schema: ZodType<Settings>) {
  const { manifest, files, sizeBytes } = await readArtifact(dir);
  const file: ReadFile = (name) => {
    const bytes = files.get(name);
    if (!bytes) throw new Error(`the model in ${dir} lacks ${name}`);
    return bytes;
  };
  const [weights, bias] = [floatsOf(file("weights.f32")), floatsOf(file("bias.f32"))];
  const head = { inputs: weights.length / bias.length, classes: bias.length, weights, bias };
  const ngrams = ngramsOf(manifest, file);
  const settings = schema.parse(JSON.parse(file("settings.json").toString("utf8")));
  const adapter = manifest.base && adapterOf(manifest, file, knownBase(manifest.base.id).hidden);
  const model: LinearModel = { head, ngrams, lora: adapter?.lora ?? null };
  return { manifest, file, model, adapter, settings, sizeBytes };
}
