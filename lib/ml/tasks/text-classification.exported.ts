import { intsOf } from "../arrays";
import type { Manifest } from "../artifact";
import type { TextFolder } from "../portable/text-folder";
import type { Exported } from "./exported";
import type { LabelOutput } from "./text-classification";
import { createDescriber, denseTaught, sparseTaught, type Taught } from "./text-classification.answers";

/** `thresholds.json`. */
export interface ExportedThresholds {
  scope: Manifest["scope"];
  /** The confidence from which answers are given where the caller asks to abstain but names no threshold. */
  abstain_below: number;
  /** For each accepted share of wrong answers the threshold that keeps it with 95 % certainty. */
  promised: readonly { accepted: number; threshold: number }[];
}

const NO_GRAMS = { indices: new Int32Array(0), values: new Float32Array(0) };
const NONE = { similarities: () => new Float32Array(0) };
const NOBODY: Taught = { all: NONE, among: () => NONE };

/** An exported classifier, from texts to labels by probability. Throws when a file is missing. */
export async function openClassifier(folder: TextFolder): Promise<Exported<LabelOutput>> {
  const { settings, file, vocabulary } = folder;
  const labels = await folder.json<string[]>("labels.json");
  const { scope, abstain_below } = await folder.json<ExportedThresholds>("thresholds.json");
  const hasBase = settings.base !== null;
  // Without similarity nothing is compared with what was taught, and the rows stayed behind.
  const isCompared = scope?.score === "similarity";
  const taught = () => (hasBase ? denseTaught(file) : sparseTaught(file, vocabulary?.hashes.length ?? 0));
  const describeRow = createDescriber(
    { labels, scope },
    isCompared ? taught() : NOBODY,
    isCompared ? intsOf(file("row-labels.i32")) : new Int32Array(0),
    [],
  );
  return {
    settings,
    inputs: ["text"],
    abstainBelow: abstain_below,
    predict: (rows, topK) =>
      folder.answer(rows, folder.read, ({ portions: [only] }, output) => {
        const figures = { logits: output("logits"), probabilities: output("probabilities") };
        const query = hasBase ? output("embedding") : (only?.grams[0] ?? NO_GRAMS);
        return describeRow(figures, query, { topK, nearest: 0 });
      }),
  };
}
