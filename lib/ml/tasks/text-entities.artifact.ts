import { bytesOf } from "../artifact";
import { plainTransitions, type Tagger } from "../recipes/tagger";
import type { ServedAdapter } from "../task";
import { readTrialArtifact, type TrialFacts, writeTrialArtifact } from "./trials.artifact";

/** Writes a fitted tagger; returns the sha256 of its manifest. */
export function writeTagger(dir: string, tagger: Tagger, facts: TrialFacts): Promise<string> {
  const { features, transitions } = tagger;
  const files: Record<string, Uint8Array> = {
    "transitions.f32": bytesOf(Float32Array.from(transitions.scores)),
  };
  if (features) {
    files["hashes.u32"] = bytesOf(features.vocabulary.hashes);
    files["idf.f32"] = bytesOf(features.vocabulary.idf);
    files["ngram-weights.i8"] = bytesOf(features.weights);
    files["ngram-scales.f32"] = bytesOf(features.scales);
  }
  return writeTrialArtifact(dir, { ...tagger, temperature: 1 }, facts, files);
}

export interface OpenedTagger {
  tagger: Pick<Tagger, "head" | "features" | "transitions">;
  labels: string[];
  baseId: string | null;
  adapter: ServedAdapter | null;
  sizeBytes: number;
}

/** Reads a tagger for serving. Throws when a file was changed or is missing. */
export async function readTagger(dir: string): Promise<OpenedTagger> {
  const { manifest, bytes, floats, head, ...opened } = await readTrialArtifact(dir);
  const frame = plainTransitions(manifest.labels.length);
  const [hashes, weights] = ["hashes.u32", "ngram-weights.i8"].map((name) =>
    manifest.files[name] ? bytes(name) : null,
  );
  const features = hashes &&
    weights && {
      vocabulary: {
        hashes: new Uint32Array(hashes.buffer, 0, hashes.length / 4),
        idf: floats("idf.f32"),
      },
      weights: new Int8Array(weights.buffer, 0, weights.length),
      scales: floats("ngram-scales.f32"),
    };
  const transitions = { ...frame, scores: Float64Array.from(floats("transitions.f32")) };
  return { ...opened, labels: manifest.labels, tagger: { head, features: features ?? null, transitions } };
}
