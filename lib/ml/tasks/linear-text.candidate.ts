import type { Readings } from "../contract";
import { assignFolds } from "../data/split";
import { concatenate } from "../linear/matrix";
import type { LinearRecipe, PreparedLinear } from "../recipes/linear-text";
import { pairedEstimate, type Sums, scoreOf } from "../report/resample";
import type { Run, TrainOrder } from "../task";
import { choosePlainest, describeReadings } from "./choose-reading";
import { type Choice, chooseRecipe } from "./choose-recipe";
import { askInParts } from "./in-parts";
import type { Judge } from "./linear-text";
import type { LinearPlan } from "./linear-text.rows";

/** A recipe with its outputs for rows that the fitted model had not seen. */
export interface Candidate<Settings> {
  recipe: LinearRecipe;
  prepared: PreparedLinear;
  /** [train rows, outputs], in their order. */
  outputs: Float32Array;
  folds: Int32Array;
  settings: Settings;
  sums: Sums;
  seconds: number;
  /** Where there are several ways to read its models: how good each is. */
  readings: Readings | null;
}

/** Out-of-fold outputs of one recipe over all training rows. */
export async function crossValidate<Settings>(
  recipe: LinearRecipe,
  prepared: PreparedLinear,
  { judge, hashes, train }: LinearPlan<Settings>,
  k: number,
  order: TrainOrder,
  run: Run,
  onProgress: (share: number) => void,
): Promise<Candidate<Settings>> {
  const started = performance.now();
  const width = judge.objective.outputs;
  const strata = Int32Array.from(train, (row) => judge.strata.labels[row] as number);
  const own = train.map((row) => hashes[row] ?? "");
  const folds = assignFolds(own, strata, judge.strata.count, k, order.seed);
  /** One a reading of the models. */
  const read: Float32Array[] = [];
  const empty = () => new Float32Array(train.length * width);
  for (let fold = 0; fold < k; fold++) {
    const places = train.map((_, place) => place);
    const held = places.filter((place) => folds[place] === fold);
    const inside = train.filter((_, place) => folds[place] !== fold);
    if (held.length === 0 || inside.length === 0) continue;
    const model = await prepared.fit(inside, {
      seed: order.seed,
      signal: run.signal,
      onProgress: (share) => onProgress((fold + share) / k),
    });
    const asked = held.map((place) => train[place] as number);
    const models = prepared.readings?.(model) ?? [model];
    const answers = await askInParts(models, asked, run.signal, prepared.outputs);
    for (const [reading, parts] of answers.entries()) {
      const own = concatenate(parts);
      read[reading] ??= empty();
      for (const [at, place] of held.entries())
        read[reading].set(own.subarray(at * width, (at + 1) * width), place * width);
    }
  }
  const judged = (read.length > 0 ? read : [empty()]).map((outputs) => {
    const settings = judge.settle(outputs, train);
    return { outputs, settings, sums: judge.sums(outputs, train, settings) };
  });
  const values = judged.map(({ sums }) => scoreOf(sums, judge.score));
  const sumsOf = (place: number) => (judged[place] as (typeof judged)[number]).sums;
  const place = choosePlainest(
    values,
    (one, other) => pairedEstimate(sumsOf(one), sumsOf(other), judge.score).error,
  );
  prepared.keep?.(place);
  return {
    recipe,
    prepared,
    ...(judged[place] as (typeof judged)[number]),
    folds,
    seconds: (performance.now() - started) / 1000,
    readings: describeReadings(prepared.ways, { metric: judge.metric, values, rows: train.length }, place),
  };
}

/** The best one out of fold, or the cheapest that is as good, paired over the same rows. */
export const chooseCandidate = <Settings>(
  candidates: readonly Candidate<Settings>[],
  judge: Judge<Settings>,
): Choice<Candidate<Settings>> =>
  chooseRecipe(candidates, (one, other) => pairedEstimate(one.sums, other.sums, judge.score));
