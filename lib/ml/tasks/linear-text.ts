import type { FrozenRow } from "../data/frozen-rows";
import type { Evaluation } from "../evaluation";
import type { Objective } from "../linear/losses";
import type { Ending } from "../portable/text-graph";
import type { LinearRecipe } from "../recipes/linear-text";
import type { Sums } from "../report/resample";
import type { Told } from "../task";

/**
 * What a task brings that is linear in its texts (`recipes/linear-text.ts`); `linear-text.train.ts` and
 * `linear-text.predict.ts` do the rest alike for all of them.
 */
export interface LinearTask<Input, Target, Output, Settings> extends LinearAnswers<Output, Settings> {
  id: string;
  /** Cheapest first; the first one is the floor. */
  recipes: readonly [LinearRecipe, ...LinearRecipe[]];
  texts(input: Input): readonly string[];
  /** Learns what the targets are. Throws `TrainingError` when they teach nothing. */
  aim(own: readonly FrozenRow<Input, Target>[]): Aim<Target, Settings>;
  /** From the outputs of a row to what its answer says of them. */
  figuresOf(outputs: Float32Array, settings: Settings): Float64Array;
  /** What words are told by, and of what. */
  told: Told<Input, Output> & {
    labels(names: readonly string[]): readonly string[];
    scores(outputs: Float32Array, settings: Settings): Float32Array;
  };
  /** The same in an exported graph. */
  ending(settings: Settings): Ending;
  /** Rows made of any texts, that the platform and an exported model are both asked. */
  samples(texts: readonly string[]): Input[];
  /** How far two answers to a row are from each other: in probabilities, or in shares of the range. */
  differences(own: Output, found: Output | undefined, settings: Settings): number[];
}

/** How figures become an answer: here and in an exported model alike, so nothing heavy may be needed for it. */
export interface LinearAnswers<Output, Settings> {
  /** Names of a row's texts. */
  inputs: readonly string[];
  /** The output of the exported graph that holds them. */
  figures: "probabilities" | "value";
  /** One answer from its figures, with what was settled in training. */
  say(figures: Figures, settings: Settings, names: readonly string[], topK: number): Output;
}
type Figures = Float32Array | Float64Array;

/** The targets of an order, as what the recipes are fitted to and judged by. Rows are numbers. */
export interface Aim<Target, Settings> {
  /** What the model chooses between; empty where it does not choose. */
  names: readonly string[];
  /** Whether a validation row's target is one that the training rows teach. */
  isKnown(target: Target): boolean;
  over(targets: readonly Target[]): Judge<Settings>;
}

export interface Judge<Settings> {
  objective: Objective;
  /** Rows of one stratum are spread over folds and test alike. */
  strata: { labels: Int32Array; count: number };
  /** Name of the metric that chooses between recipes; what each row adds to it, and its value. */
  metric: string;
  sums(outputs: Float32Array, rows: readonly number[], settings: Settings): Sums;
  score(sums: Float64Array): number;
  /** The other metrics of the report that are cheap to tell for every recipe. */
  scores(
    outputs: Float32Array,
    rows: readonly number[],
    settings: Settings,
  ): Record<string, { value: number }>;
  /** Thresholds, widths: chosen on outputs of rows that the fitted models had not seen. */
  settle(outputs: Float32Array, rows: readonly number[]): Settings;
  /** `settingsOf` a place among the rows were chosen without that row. */
  evaluate(
    kind: Evaluation["kind"],
    outputs: Float32Array,
    rows: readonly number[],
    quoted: readonly { line: number; text: string }[],
    settingsOf: (place: number) => Settings,
    shown: Settings,
  ): Evaluation;
}
