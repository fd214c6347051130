import { bytesOf, readArtifact, writeArtifact } from "../artifact";
import { foldScale, packLora, shapeOf, unpackLora } from "../base/lora-shape";
import { plainTransitions, type Tagger } from "../recipes/tagger";
import type { BaseFiles, ServedAdapter } from "../task";

/** Writes a fitted tagger; returns the sha256 of its manifest. */
export function writeTagger(
  dir: string,
  tagger: Tagger,
  facts: { base: BaseFiles | null; labels: readonly string[]; task: string },
): Promise<string> {
  const { head, features, transitions } = tagger;
  const files: Record<string, Uint8Array> = {
    "weights.f32": bytesOf(head.weights),
    "bias.f32": bytesOf(head.bias),
    "transitions.f32": bytesOf(Float32Array.from(transitions.scores)),
  };
  if (features) {
    files["hashes.u32"] = bytesOf(features.vocabulary.hashes);
    files["idf.f32"] = bytesOf(features.vocabulary.idf);
    files["ngram-weights.i8"] = bytesOf(features.weights);
    files["ngram-scales.f32"] = bytesOf(features.scales);
  }
  const adapter = tagger.lora && foldScale(tagger.lora);
  if (adapter) files["adapter.f32"] = bytesOf(packLora(adapter));
  const { base } = facts;
  const manifest = {
    task: facts.task,
    recipe: tagger.kind,
    base: base && tagger.kind !== "lexical" ? { id: base.id, sha256: base.sha256 } : null,
    labels: [...facts.labels],
    adapter: adapter && shapeOf(adapter),
    temperature: 1,
    scope: null,
  };
  return writeArtifact(dir, manifest, files);
}

export interface OpenedTagger {
  tagger: Pick<Tagger, "head" | "features" | "transitions">;
  labels: string[];
  baseId: string | null;
  adapter: ServedAdapter | null;
  sizeBytes: number;
}

/** Reads a tagger for serving. Throws when a file was changed or is missing. */
export async function readTagger(dir: string, hidden: (baseId: string) => number): Promise<OpenedTagger> {
  const { manifest, files, sizeBytes } = await readArtifact(dir);
  const bytes = (name: string) => {
    const found = files.get(name);
    if (!found) throw new Error(`the model in ${dir} lacks ${name}`);
    return found;
  };
  const floats = (name: string) => new Float32Array(bytes(name).buffer, 0, bytes(name).length / 4);
  const frame = plainTransitions(manifest.labels.length);
  const weights = floats("weights.f32");
  const baseId = manifest.base?.id ?? null;
  const adapter = manifest.adapter && {
    // Named by its content: equal matrices are one adapter, whosever they are.
    key: manifest.files["adapter.f32"]?.sha256 ?? "",
    // Served targets lie in attention alone, so the width of a layer's middle does not matter.
    lora: unpackLora(floats("adapter.f32"), manifest.adapter, hidden(baseId ?? ""), 0),
  };
  return {
    tagger: {
      head: {
        inputs: weights.length / frame.tags,
        classes: frame.tags,
        weights,
        bias: floats("bias.f32"),
      },
      features: manifest.files["ngram-weights.i8"]
        ? {
            vocabulary: {
              hashes: new Uint32Array(bytes("hashes.u32").buffer, 0, bytes("hashes.u32").length / 4),
              idf: floats("idf.f32"),
            },
            weights: new Int8Array(bytes("ngram-weights.i8").buffer, 0, bytes("ngram-weights.i8").length),
            scales: floats("ngram-scales.f32"),
          }
        : null,
      transitions: { ...frame, scores: Float64Array.from(floats("transitions.f32")) },
    },
    labels: manifest.labels,
    baseId,
    adapter,
    sizeBytes,
  };
}
