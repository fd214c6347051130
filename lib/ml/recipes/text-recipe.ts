import type { Vocabulary } from "../data/features";
import type { LinearHead } from "../linear/softmax-head";
import type { Recipe } from "../task";

/** A fitted text classifier; the union of what an artifact can hold. */
export type TextModel =
  | { kind: "lexical"; head: LinearHead; vocabulary: Vocabulary }
  | { kind: "head"; head: LinearHead; c: number };

export interface FitOptions {
  seed: number;
  signal: AbortSignal;
  /** 0..1 of this fit. */
  onProgress(share: number): void;
}

/** One recipe over the rows of one dataset; rows are numbers into the texts given to `prepare`. */
export interface Prepared {
  /** `labels` has one class number a row of `rows`. */
  fit(rows: readonly number[], labels: Int32Array, classes: number, options: FitOptions): Promise<TextModel>;
  /** Logits or margins [rows, classes]. */
  logits(model: TextModel, rows: readonly number[]): Float32Array;
}

export interface TextRecipe extends Recipe {
  /** True when its logits are margins, which always want a temperature. */
  isMargin: boolean;
  prepare(data: { texts: readonly string[]; embeddings: readonly Float32Array[] | null }): Promise<Prepared>;
}
