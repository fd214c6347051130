import type { Readings } from "../contract";
import { assignFolds, contentHash } from "../data/split";
import type { Estimate } from "../evaluation";
import type { Readable } from "../recipes/adapter-readings";
import type { Recipe, Run, TrainOrder } from "../task";
import { createBudget } from "./budget";
import { choosePlainest, describeReadings } from "./choose-reading";
import { type Choice, chooseRecipe } from "./choose-recipe";
import { askInParts } from "./in-parts";
import { orderedEffort } from "./ordered-effort";

/**
 * How recipes are compared where answers are pieces of a text: each is fitted without a part of the rows and judged on
 * it. What an answer is and how it is measured, the task says.
 */
export interface FitOptions {
  seed: number;
  signal: AbortSignal;
  /** 0..1 of this fit. */
  onProgress(share: number): void;
}
/** One recipe over the rows of one dataset; rows are numbers. */
export interface Trial<Model, Judged> extends Readable<Model> {
  fit(rows: readonly number[], options: FitOptions): Promise<Model>;
  /** What a model answers for rows, beside what is right there. */
  judge(model: Model, rows: readonly number[]): Judged[];
  /** The settings of the last fit, for the report. */
  effective(): Record<string, number>;
}
/** What chooses between recipes. */
export interface Measure<Judged> {
  /** The metric's name, as in reports and messages. */
  metric: string;
  of(judged: readonly Judged[]): Estimate;
  /** One minus the other on the same rows, paired. */
  difference(one: readonly Judged[], other: readonly Judged[]): Estimate & { error: number };
}
/** A recipe with what its models answered for rows that they had not seen. */
export interface Candidate<Model, Judged> {
  recipe: Recipe;
  trial: Trial<Model, Judged>;
  judged: Judged[];
  score: Estimate;
  seconds: number;
  /** Where there are several ways to read its models: how good each is. */
  readings: Readings | null;
}
/** The rows of a dataset as numbers. */
export interface TrialRows {
  /** Rows to train and compare on. */
  train: readonly number[];
  /** Rows to measure on; empty: the estimate is cross-validated. */
  test: readonly number[];
  /** Of all rows: those with equal hashes are never parted. */
  hashes: readonly string[];
  /** Of all rows: a class for which the folds are alike. */
  strata: Int32Array;
  /** Characters of a row, on average. */
  meanCharacters: number;
  /** What a fit's cost depends on beside the rows. */
  classes: number;
}

/** Every word is held with its vector, 1.6 kB: of texts this long altogether, about a gigabyte. */
const MOST_CHARACTERS = 3_000_000;

/** As many rows as fit into memory, drawn by their content; equal texts stay together. */
export function takeBounded<Row>(
  rows: readonly Row[],
  textOf: (row: Row) => string,
  run: Run,
): readonly Row[] {
  const total = rows.reduce((sum, row) => sum + textOf(row).length, 0);
  if (total <= MOST_CHARACTERS) return rows;
  const drawn = rows
    .map((row) => ({ row, hash: contentHash(textOf(row)) }))
    .sort((a, b) => (a.hash < b.hash ? -1 : 1));
  let left = MOST_CHARACTERS;
  const kept = new Set<Row>();
  for (const { row } of drawn) {
    left -= textOf(row).length;
    if (left < 0) break;
    kept.add(row);
  }
  run.log(
    "warn",
    `${kept.size} of ${rows.length} rows are learnt from: more than ${MOST_CHARACTERS} characters do not fit into memory`,
  );
  return rows.filter((row) => kept.has(row));
}

/** With fewer rows all of them are worth more in training, and every fold is judged. */
export const LEAST_TESTED = 200;
const FOLDS = 5;
/** Up to here every fold is judged; of more rows one fold tells enough, and a fit takes minutes. */
const FEW_ROWS = 500;
/** Whole fits of one recipe beside its folds: the measured one and the served one. */
const FITS = 2;
const foldsOf = ({ test, train }: TrialRows): number =>
  test.length === 0 || train.length <= FEW_ROWS ? FOLDS : 1;

/** Judges recipes one after the other, as far as the order's budget goes. The first of `all` is the floor. */
export function createTrials<Model, Judged>(
  all: readonly Recipe[],
  rows: TrialRows,
  measure: Measure<Judged>,
  order: TrainOrder,
  run: Run,
) {
  // English has about four characters a word piece; languages without spaces have one or two.
  const { classes, meanCharacters } = rows;
  const effort = orderedEffort(order, true);
  const profile = { rows: rows.hashes.length, classes, meanTokens: meanCharacters / 4, ...effort };
  const candidates: Candidate<Model, Judged>[] = [];
  const [floor] = all;
  if (!floor) throw new Error("no recipe was asked for");
  const budget = createBudget(
    order,
    run,
    floor,
    (recipe) => recipe.estimate(profile).seconds * (FITS + foldsOf(rows)),
  );

  async function add(recipe: Recipe, trial: Trial<Model, Judged>): Promise<void> {
    const { id } = recipe;
    const place = all.indexOf(recipe);
    const started = performance.now();
    const onProgress = (share: number) => run.progress("fine-tune", place + share, all.length);
    const read = await budget.orLeftOut(
      recipe,
      judgeOutOfFold(trial, rows, order.seed, run.signal, onProgress),
    );
    if (!read) return;
    const scores = read.map(measure.of);
    const values = scores.map(({ value }) => value);
    const answersOf = (place: number) => read[place] ?? [];
    const kept = choosePlainest(
      values,
      (one, other) => measure.difference(answersOf(one), answersOf(other)).error,
    );
    trial.keep?.(kept);
    const judged = answersOf(kept);
    const score = scores[kept] ?? measure.of(judged);
    const seconds = (performance.now() - started) / 1000;
    const told = { metric: measure.metric, values, rows: judged.length };
    const readings = describeReadings(trial.ways, told, kept);
    candidates.push({ recipe, trial, judged, score, seconds, readings });
    run.progress("fine-tune", place + 1, all.length, { [`${id}_${measure.metric}`]: score.value });
    const figures = { recipe: id, [measure.metric]: score.value, seconds, ...trial.effective() };
    run.log("info", `${id}: ${measure.metric} ${score.value.toFixed(3)} out of fold`, figures);
  }
  return {
    candidates,
    leftOut: budget.leftOut,
    fits: budget.fits,
    /** The recipe's trial is made only when there is time for it. */
    add: async (recipe: Recipe, prepare: () => Trial<Model, Judged>) =>
      budget.fits(recipe) ? add(recipe, prepare()) : budget.leaveOut(recipe),
  };
}

/** What the models of a trial answered for rows that they had not seen, once a way to read them. */
async function judgeOutOfFold<Model, Judged>(
  trial: Trial<Model, Judged>,
  rows: TrialRows,
  seed: number,
  signal: AbortSignal,
  onProgress: (share: number) => void,
): Promise<Judged[][]> {
  const { train } = rows;
  const hashes = train.map((row) => rows.hashes[row] ?? "");
  const strata = Int32Array.from(train, (row) => rows.strata[row] as number);
  const classes = 1 + strata.reduce((most, one) => Math.max(most, one), 0);
  const folds = assignFolds(hashes, strata, classes, FOLDS, seed);
  const used = foldsOf(rows);
  const judged: Judged[][] = [];
  for (let fold = 0; fold < used; fold++) {
    const inside = train.filter((_, i) => folds[i] !== fold);
    const held = train.filter((_, i) => folds[i] === fold);
    // All rows of one text are in one fold: nothing is learnt from none.
    if (held.length === 0 || inside.length === 0) continue;
    const model = await trial.fit(inside, {
      seed,
      signal,
      onProgress: (share) => onProgress((fold + share) / used),
    });
    const answers = await askInParts(trial.readings?.(model) ?? [model], held, signal, trial.judge);
    for (const [reading, parts] of answers.entries()) {
      judged[reading] ??= [];
      judged[reading].push(...parts.flat());
    }
  }
  return judged;
}

/** The best one out of fold, or the cheapest that is as good. */
export const chooseCandidate = <Model, Judged>(
  candidates: readonly Candidate<Model, Judged>[],
  measure: Measure<Judged>,
): Choice<Candidate<Model, Judged>> =>
  chooseRecipe(candidates, (one, other) => measure.difference(one.judged, other.judged));
