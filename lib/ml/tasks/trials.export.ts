import { unpackNgrams } from "../linear/ngram-block";
import { answerHere, ODD_TEXTS, writeParity } from "../portable/parity";
import { writeJson, writeTextExport } from "../portable/text-export";
import { openTextFolder } from "../portable/text-folder";
import type { HeadPart } from "../portable/text-graph";
import type { ExportOrder, Parity } from "../task";
import type { ReadWords } from "./trials.answers";
import { readTrialArtifact } from "./trials.artifact";
import { createWordReader } from "./trials.exported";
import { predictByWords, type WordTask } from "./trials.predict";

/** What a task adds that answers with pieces of its texts, so that its models can be taken away. */
export interface LeavingWords<Input, One extends ReadWords, Settings> {
  /** Rows made of any texts, that the platform and an exported model are both asked. */
  samples(texts: readonly string[]): Input[];
  /**
   * How far two answers to one row are from each other, given the scores of each side: the probability of every piece that
   * either of them answers, once by both. Where they answer different pieces that are about as probable, that is no
   * difference.
   */
  differences(
    one: One,
    own: Float32Array,
    found: Float32Array,
    settings: Settings,
    labels: readonly string[],
  ): number[];
}

/**
 * Writes a model that answers with pieces of its texts as files that run without the platform: its graph from token ids to
 * the scores of words, the same weights as safetensors, and what training settled as `settings.json`. Equal models give
 * equal files. Throws when answers of the graph's scores are not the platform's.
 */
export async function exportWords<Input, One extends ReadWords, Output, Settings>(
  task: WordTask<Input, One, Output, Settings> & LeavingWords<Input, One, Settings>,
  order: ExportOrder,
): Promise<Parity> {
  const opened = await readTrialArtifact(order.artifactDir);
  const { manifest, file, head, features, adapter } = opened;
  const columns: HeadPart[] = head.inputs > 0 ? ["columns"] : [];
  const parts: HeadPart[] = manifest.base ? ["word", ...columns] : columns;
  const ngrams = features && unpackNgrams(features);
  const graph = { parts, head, ngrams, ending: { kind: "scores" } } as const;
  await writeTextExport({ manifest, file, lora: adapter?.lora ?? null, graph }, order);
  const settings = task.settingsOf(opened);
  await writeJson(order.dir, "settings.json", settings);

  const inputs = task.samples([...ODD_TEXTS, ...order.quoted]);
  const scored = (one: One, scores: Float32Array) => ({ one, scores });
  const own = await answerHere((_, bases) => predictByWords(task, opened, bases, scored), inputs, order);
  const folder = await openTextFolder(order.dir, order.threads);
  const read = createWordReader(folder, task);
  const found = await folder.answer(inputs.map(task.texts), read, (_, output) => output("scores"));
  await folder.close();
  const differences = own.flatMap(({ one, scores }, i) => {
    const other = found[i]?.output ?? new Float32Array(0);
    return scores.length === other.length
      ? task.differences(one, scores, other, settings, manifest.labels)
      : [Number.NaN];
  });
  return writeParity(order.dir, inputs.length, differences);
}
