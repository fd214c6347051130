import type { Vocabulary } from "../data/features";
import type { LinearHead } from "../linear/softmax-head";
import type { Recipe } from "../task";
import type { WideModel } from "./wide-part";

/** A fitted text classifier; the union of what an artifact can hold. */
export type TextModel =
  | { kind: "lexical"; head: LinearHead; vocabulary: Vocabulary }
  | { kind: "head"; head: LinearHead }
  | ({ kind: "wide" } & WideModel);

export interface FitOptions {
  seed: number;
  signal: AbortSignal;
  /** 0..1 of this fit. */
  onProgress(share: number): void;
}

/** What a recipe is given: the texts of all rows, the classes' names, and what the base made of both. */
export interface TextData {
  texts: readonly string[];
  /** Class names as words, in the order of the class numbers. */
  names: readonly string[];
  /** Of the texts, then of the names; null when no base is there. */
  embeddings: readonly Float32Array[] | null;
}

/** One recipe over the rows of one dataset; rows are numbers into the texts given to `prepare`. */
export interface Prepared {
  /** `labels` has one class number a row of `rows`. */
  fit(rows: readonly number[], labels: Int32Array, classes: number, options: FitOptions): Promise<TextModel>;
  /** Logits or margins [rows, classes]. */
  logits(model: TextModel, rows: readonly number[]): Float32Array;
  /** The settings of the last fit, for the report. */
  effective(): Record<string, number | string | boolean>;
}

export interface TextRecipe extends Recipe {
  /** True when its logits are margins, which always want a temperature. */
  isMargin: boolean;
  /** True when it learns characters itself, so in any language. */
  readsCharacters: boolean;
  prepare(data: TextData): Promise<Prepared>;
}
