import { floatsOf, type ReadFile } from "../arrays";
import { adapterOf, bytesOf, type Manifest, ngramsOf, readArtifact, writeArtifact } from "../artifact";
import { foldScale, type Lora, packLora, shapeOf } from "../base/lora-shape";
import type { NgramBlock } from "../linear/ngram-block";
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

/** A trained model of words as it lies on disk, verified. */
export interface OpenedTrial {
  manifest: Manifest;
  /** Throws when the artifact has no file of that name. */
  file: ReadFile;
  head: LinearHead;
  /** What words look like counts beside the head; null where only it does. */
  features: NgramBlock | null;
  adapter: ServedAdapter | null;
  sizeBytes: number;
}

/** Reads a model for serving. Throws when a file was changed or is missing. */
export async function readTrialArtifact(dir: string): Promise<OpenedTrial> {
  const { manifest, files, sizeBytes } = await readArtifact(dir);
  const file: ReadFile = (name) => {
    const found = files.get(name);
    if (!found) throw new Error(`the model in ${dir} lacks ${name}`);
    return found;
  };
  const [weights, bias] = [floatsOf(file("weights.f32")), floatsOf(file("bias.f32"))];
  const adapter = manifest.base && adapterOf(manifest, file, knownBase(manifest.base.id).hidden);
  const head = { inputs: weights.length / bias.length, classes: bias.length, weights, bias };
  return { manifest, file, head, features: ngramsOf(manifest, file), adapter, sizeBytes };
}
