import type { Encoder } from "../base/encoder";
import type { Vocabulary } from "../data/features";
import type { LinearHead } from "../linear/softmax-head";
import type { Recipe } from "../task";
import type { Checkpoint } from "../train/loop";
import type { LoraModel } from "./lora";
import type { WideModel } from "./wide-part";

/** A fitted text classifier; the union of what an artifact can hold. */
export type TextModel =
  | { kind: "lexical"; head: LinearHead; vocabulary: Vocabulary }
  | { kind: "head"; head: LinearHead }
  | ({ kind: "wide" } & WideModel)
  | ({ kind: "lora" } & LoraModel);

export interface FitOptions {
  seed: number;
  signal: AbortSignal;
  /** 0..1 of this fit. */
  onProgress(share: number): void;
  /** Share of the usual steps, 1 unless given: less where a judgement needs a model like it, not the model itself. */
  effort?: number;
}

/** Share of a row's words that are left out, and what that did on held-out rows where it was measured. */
export interface AugmentationEffect {
  drop: number;
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
  /** Where a fit goes on from after an interruption; `fit` is all that it depends on. */
  checkpoint(fit: unknown): Checkpoint;
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
  prepare(data: TextData): Promise<Prepared>;
}
