import type { Encoder } from "../base/encoder";
import type { Neighbours } from "../data/augment";
import type { Vocabulary } from "../data/features";
import type { LinearHead } from "../linear/softmax-head";
import type { Recipe } from "../task";
import type { Checkpoint } from "../train/loop";
import type { TunedModel } from "./tuned-text";
import type { Chosen } from "./tuning-choice";
import type { WideModel } from "./wide-part";

/** A fitted text classifier; the union of what an artifact can hold. */
export type TextModel =
  | { kind: "lexical"; head: LinearHead; vocabulary: Vocabulary }
  | { kind: "head"; head: LinearHead }
  | ({ kind: "wide" } & WideModel)
  | ({ kind: "lora" | "full" } & TunedModel);

export interface FitOptions {
  seed: number;
  signal: AbortSignal;
  /** 0..1 of this fit. */
  onProgress(share: number): void;
  /** Share of the usual steps, 1 unless given: less where a judgement needs a model like it, not the model itself. */
  effort?: number;
}

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
  /** Token ids of each text, then of each class's name. */
  sequences: readonly Int32Array[];
  /** Words that may stand for the words of these rows; takes a second or two. */
  neighbours(): Neighbours;
  /** Where a fit goes on from after an interruption; `fit` is all that it depends on. */
  checkpoint(fit: unknown): Checkpoint;
  /** What the first recipe that tunes chose on these rows; the next one takes it over, a choice costs three fits. */
  chosen: Chosen | null;
}

/** One recipe over the rows of one dataset; rows are numbers into the texts given to `prepare`. */
export interface Prepared {
  /** `labels` has one class number a row of `rows`. */
  fit(rows: readonly number[], labels: Int32Array, classes: number, options: FitOptions): Promise<TextModel>;
  /** Logits or margins [rows, classes]. */
  logits(model: TextModel, rows: readonly number[]): Float32Array;
  /** The rows' unit-length vectors under this model, by which nearest rows are found; null: it has none. */
  vectors(model: TextModel, rows: readonly number[]): readonly Float32Array[] | null;
  /** Ways to read one fitted model, the plainest first; the best one out of fold is kept for later fits. */
  readings?(model: TextModel): readonly TextModel[];
  keep?(place: number): void;
  /** The settings of the last fit, for the report. */
  effective(): Record<string, number | string | boolean>;
  /** Of the last fit; absent where rows are learnt as they are. */
  augmentation?(): AugmentationEffect | null;
}

export interface TextRecipe extends Recipe {
  /** True when its logits are margins, which always want a temperature. */
  isMargin: boolean;
  /** True when it learns characters itself, so in any language. */
  readsCharacters: boolean;
  /**
   * Share of rows by which it is usually more often right than the frozen head, with few rows in a language that the
   * base knows. From sets that no bench of ours measures on: CLINC150, HWU64, SST-2, CR and TREC at 10 to 64 rows a class.
   */
  usualGain: number;
  /** Goes further on the way of this recipe, at a higher price: `auto` tries it only where that one is ahead. */
  after?: string;
  prepare(data: TextData): Promise<Prepared>;
}
