import type { Recipe } from "../task";
import type { Readable } from "./adapter-readings";

/** What recipes that answer one label a row have in common, whatever a row is. */

export interface FitOptions {
  seed: number;
  signal: AbortSignal;
  /** 0..1 of this fit, with figures of it where there are any: losses, shares that are right. */
  onProgress(share: number, metrics?: Record<string, number>): void;
  /** Share of the usual steps, 1 unless given: less where a judgement needs a model like it, not the model itself. */
  effort?: number;
}

/** One recipe over the rows of one dataset; rows are numbers into what was given to `prepare`. */
export interface PreparedLabels<Model = unknown> extends Readable<Model> {
  /** `labels` has one class number a row of `rows`. */
  fit(rows: readonly number[], labels: Int32Array, classes: number, options: FitOptions): Promise<Model>;
  /** Logits or margins [rows, classes]. */
  logits(model: Model, rows: readonly number[]): Float32Array;
  /** The settings of the last fit, for the report. */
  effective(): Record<string, number | string | boolean>;
}

export interface LabelRecipe<Data = unknown, Prepared extends PreparedLabels = PreparedLabels>
  extends Recipe {
  /** True when its logits are margins, which always want a temperature. */
  isMargin: boolean;
  /** Goes further on the way of this recipe, at a higher price: `auto` tries it only where that one is ahead. */
  after?: string;
  prepare(data: Data): Promise<Prepared>;
}
