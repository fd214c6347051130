import { adapterOf, bytesOf, type Manifest, readArtifact, writeArtifact } from "../artifact";
import { foldScale, type Lora, packLora, shapeOf } from "../base/lora-shape";
import type { LinearHead } from "../linear/softmax-head";
import type { BaseFiles, ServedAdapter } from "../task";
import { knownBase } from "./trials.based";

/** A linear head over words, with the adapter through which they are read. */
interface WordModel {
  kind: string;
  head: LinearHead;
  temperature: number;
  lora: Lora | null;
}
export interface TrialFacts {
  task: string;
  labels: readonly string[];
  base: BaseFiles | null;
}

/** Writes a model with the files of its own; returns the sha256 of its manifest. */
export function writeTrialArtifact(
  dir: string,
  { kind, head, temperature, lora }: WordModel,
  { task, labels, base }: TrialFacts,
  own: Record<string, Uint8Array>,
): Promise<string> {
  const adapter = lora && foldScale(lora);
  const files = { ...own, "weights.f32": bytesOf(head.weights), "bias.f32": bytesOf(head.bias) };
  if (adapter) Object.assign(files, { "adapter.f32": bytesOf(packLora(adapter)) });
  const manifest = {
    task,
    recipe: kind,
    base: base && kind !== "lexical" ? { id: base.id, sha256: base.sha256 } : null,
    labels: [...labels],
    adapter: adapter && shapeOf(adapter),
    temperature,
    scope: null,
  };
  return writeArtifact(dir, manifest, files);
}

export interface OpenedTrial {
  manifest: Manifest;
  head: LinearHead;
  baseId: string | null;
  adapter: ServedAdapter | null;
  sizeBytes: number;
  /** A file of the artifact; throws when it has none of that name. */
  bytes(name: string): Buffer<ArrayBuffer>;
  floats(name: string): Float32Array;
}

/** Reads a model for serving. Throws when a file was changed or is missing. */
export async function readTrialArtifact(dir: string): Promise<OpenedTrial> {
  const { manifest, files, sizeBytes } = await readArtifact(dir);
  const bytes = (name: string) => {
    const found = files.get(name);
    if (!found) throw new Error(`the model in ${dir} lacks ${name}`);
    return found;
  };
  const floats = (name: string) => new Float32Array(bytes(name).buffer, 0, bytes(name).length / 4);
  const [weights, bias] = [floats("weights.f32"), floats("bias.f32")];
  const baseId = manifest.base?.id ?? null;
  const adapter = baseId === null ? null : adapterOf(manifest, bytes, knownBase(baseId).hidden);
  const head = { inputs: weights.length / bias.length, classes: bias.length, weights, bias };
  return { manifest, head, baseId, adapter, sizeBytes, bytes, floats };
}
