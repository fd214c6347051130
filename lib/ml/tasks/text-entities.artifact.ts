import { bytesOf } from "../artifact";
import type { Tagger } from "../recipes/tagger";
import { type TrialFacts, writeTrialArtifact } from "./trials.artifact";

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
