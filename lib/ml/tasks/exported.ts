import {
  type ExportedAnswer,
  type ExportedSettings,
  openTextFolder,
  type TextFolder,
  type Texts,
} from "../portable/text-folder";
import { openExportedLinear } from "./linear-text.exported";
import { numberOfPair, numberOfText } from "./number-answers";
import { foundAnswer } from "./text-answers.answers";
import { openClassifier } from "./text-classification.exported";
import { foundSpans } from "./text-entities.answers";
import { severalLabels } from "./text-multi-label.answers";
import { openExportedWords } from "./trials.exported";

/**
 * A model outside of the platform, opened from its folder: what the exported server is made of. Nothing here needs
 * TensorFlow.js, zod or the catalogue.
 */
export interface Exported<Output = unknown> {
  settings: ExportedSettings;
  /** Names of a row's texts, in the order of `predict`. */
  inputs: readonly string[];
  /** The confidence from which it answers where nobody names one; null where answers are not withheld. */
  abstainBelow: number | null;
  /** In the order of the rows, at most `topK` labels each beside those that apply. */
  predict(rows: readonly Texts[], topK: number): Promise<ExportedAnswer<Output>[]>;
}

const OPENERS: Record<string, (folder: TextFolder) => Promise<Exported>> = {
  "text-classification": openClassifier,
  "text-multi-label": (folder) => openExportedLinear(folder, severalLabels),
  "text-number": (folder) => openExportedLinear(folder, numberOfText),
  "text-similarity": (folder) => openExportedLinear(folder, numberOfPair),
  "text-entities": (folder) => openExportedWords(folder, foundSpans),
  "text-answers": (folder) => openExportedWords(folder, foundAnswer),
};

/** Opens a model by the task that `model.json` names. Throws when a file is missing or the task is not one of these. */
export async function openExported(dir: string, threads: number): Promise<Exported> {
  const folder = await openTextFolder(dir, threads);
  const { task } = folder.settings;
  const open = OPENERS[task];
  if (!open) throw new Error(`the model in ${dir} is of the task ${task}, which is not answered here`);
  return open(folder);
}
