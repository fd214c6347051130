import type { Encoder } from "../base/encoder";
import type { Hyperparameters } from "../contract";
import type { Neighbours } from "../data/augment";
import type { Vocabulary } from "../data/features";
import type { LinearHead } from "../linear/softmax-head";
import type { Checkpoint } from "../train/loop";
import type { LabelRecipe, PreparedLabels } from "./label-recipe";
import type { TunedModel } from "./tuned-text";
import type { Chosen } from "./tuning-choice";
import type { WideModel } from "./wide-part";

/** A fitted text classifier; the union of what an artifact can hold. */
export type TextModel =
  | { kind: "lexical"; head: LinearHead; vocabulary: Vocabulary }
  | { kind: "head"; head: LinearHead }
  | ({ kind: "wide" } & WideModel)
  | ({ kind: "lora" | "full" } & TunedModel);

export type AugmentationKind = "none" | "drop" | "swap" | "synonym";
/** What is done to a row's words each time it is seen, and what that did on held-out rows where it was measured. */
export interface AugmentationEffect {
  kind: AugmentationKind;
  /** Of a row's words. */
  share: number;
  /** Shares of the held-out rows that were right, with the best of what was tried and with none. */
  measured: { with: number; without: number; rows: number } | null;
}

/** What a recipe is given: the texts of all rows, the classes' names, and what the base made of both. */
export interface TextData {
  texts: readonly string[];
  /** Class names as words, in the order of the class numbers. */
  names: readonly string[];
  /** Of the texts, then of the names; null when no base is there. */
  embeddings: readonly Float32Array[] | null;
  /** Null where the backend cannot tune, or no recipe asks for it. */
  tuning: Tuning | null;
}

/** The base with gradients, and the rows as it reads them. */
export interface Tuning {
  encoder: Encoder;
  ordered: Hyperparameters;
  /** Token ids of each text, then of each class's name. */
  sequences: readonly Int32Array[];
  /** Words that may stand for the words of these rows; takes a second or two. */
  neighbours(): Neighbours;
  /** Where a fit goes on from after an interruption; `fit` is all that it depends on. */
  checkpoint(fit: unknown): Checkpoint;
  /** What the first recipe that tunes chose on these rows; the next one takes it over, a choice costs three fits. */
  chosen: Chosen | null;
}

/** One recipe over the texts of one dataset; rows are numbers into the texts given to `prepare`. */
export interface Prepared extends PreparedLabels<TextModel> {
  /** The rows' unit-length vectors under this model, by which nearest rows are found; null: it has none. */
  vectors(model: TextModel, rows: readonly number[]): readonly Float32Array[] | null;
  /** Of the last fit; absent where rows are learnt as they are. */
  augmentation?(): AugmentationEffect | null;
}

export interface TextRecipe extends LabelRecipe<TextData, Prepared> {
  /** True when it learns characters itself, so in any language. */
  readsCharacters: boolean;
  /**
   * Share of rows by which it is usually more often right than the frozen head, with few rows in a language that the
   * base knows. From sets that no bench of ours measures on: CLINC150, HWU64, SST-2, CR and TREC at 10 to 64 rows a class.
   */
  usualGain: number;
}
