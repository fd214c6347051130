import type { Lora } from "../base/lora-shape";
import { type Counts, type Csr, fitVocabulary, type Vocabulary, vectorise } from "../data/features";
import { type Blocks, fitBlocks } from "../linear/block-head";
import type { Objective } from "../linear/losses";
import { type Dense, fromRows, takeDenseRows } from "../linear/matrix";
import { addNgramLogits, type NgramBlock, packNgrams } from "../linear/ngram-block";
import { type RowSpace, toRowSpace } from "../linear/row-space";
import { denseLogits, type LinearHead } from "../linear/softmax-head";
import type { Recipe } from "../task";
import type { Readable } from "./adapter-readings";
import { chooseSettings } from "./choice";
import { type DensePart, readDense } from "./dense-parts";
import type { FitOptions } from "./label-recipe";
import { estimateTuned } from "./tuning-effort";

/**
 * Recipes of tasks that are linear in what is read of a text, or of two texts side by side: n-grams, the frozen
 * base's embeddings, or both. What the outputs mean (labels, a number) is the objective's.
 */

/** One row as it is read: n-grams of each of its texts, and the embedding of each where a base is there. */
export interface ReadTexts {
  counted: readonly Counts[];
  vectors: readonly Float32Array[];
}

export interface LinearRecipe extends Recipe {
  /** Dense features of a row; empty where n-grams are all that counts. */
  parts: readonly DensePart[];
  /** Whether the n-grams of the (one) text are features themselves. */
  hasNgrams: boolean;
}

export interface LinearModel {
  head: LinearHead;
  ngrams: NgramBlock | null;
  /** That its texts are read through; null: by the frozen base. */
  lora: Lora | null;
}

const MAX_ITERATIONS = 100;
const CHOICE_ITERATIONS = 60;
const TOLERANCE = 2e-5;
/** As in `wide-part.ts`: bytes on disk. */
const MAX_WEIGHTS = 1e6;
const LEAST_NGRAMS = 3000;
const STRENGTHS = [0.1, 1, 10, 100];
const OTHER_WEIGHTS = [0.3, 1];

const estimate: (denseColumns: number, tokenCost: number) => Recipe["estimate"] =
  (denseColumns, tokenCost) =>
  ({ rows, classes, meanTokens }) => ({
    seconds: 1 + (rows * classes * (denseColumns + meanTokens * tokenCost) * MAX_ITERATIONS) / 4e9,
    bytes: 300e6 + rows * (denseColumns * 12 + classes * 16 + meanTokens * 240),
  });

const needs = (base: boolean) => ({ base, tuning: false });
const tuned = { id: "lora", needs: { base: true, tuning: true }, hasNgrams: false } as const;

/** For one text, cheapest first; the first one is the floor. */
export const SINGLE_RECIPES: readonly [LinearRecipe, LinearRecipe, LinearRecipe, LinearRecipe] = [
  { id: "lexical", needs: needs(false), estimate: estimate(0, 20), parts: [], hasNgrams: true },
  { id: "head", needs: needs(true), estimate: estimate(384, 0), parts: ["embedding"], hasNgrams: false },
  { id: "wide", needs: needs(true), estimate: estimate(384, 20), parts: ["embedding"], hasNgrams: true },
  { ...tuned, estimate: estimateTuned(1), parts: ["embedding"] },
];

/** For two texts, cheapest first; the first one is the floor. */
export const PAIR_RECIPES: readonly [LinearRecipe, LinearRecipe, LinearRecipe, LinearRecipe] = [
  { id: "lexical", needs: needs(false), estimate: estimate(3, 0), parts: ["overlap"], hasNgrams: false },
  { id: "head", needs: needs(true), estimate: estimate(769, 0), parts: ["side_by_side"], hasNgrams: false },
  {
    id: "wide",
    needs: needs(true),
    estimate: estimate(772, 0),
    parts: ["side_by_side", "overlap"],
    hasNgrams: false,
  },
  // The tokens of a row are those of both of its texts.
  { ...tuned, estimate: estimateTuned(2), parts: ["side_by_side"] },
];

/** Outputs [rows, outputs]. Training and serving both ask here. */
export function linearOutputs(
  recipe: LinearRecipe,
  model: LinearModel,
  rows: readonly ReadTexts[],
): Float32Array {
  return outputsOf(model, densify(recipe, rows), rows);
}

export const densify = (recipe: LinearRecipe, rows: readonly ReadTexts[]): Dense => ({
  ...fromRows(rows.map((read) => readDense(recipe.parts, read))),
  rows: rows.length,
});
const ngramsOf = (row: ReadTexts | undefined): Counts => row?.counted[0] ?? new Map();

function outputsOf({ head, ngrams }: LinearModel, dense: Dense, rows: readonly ReadTexts[]): Float32Array {
  const outputs = denseLogits(head, dense);
  if (ngrams) addNgramLogits(ngrams, rows.map(ngramsOf), outputs);
  return outputs;
}

/** Up to here the Cholesky factor of all rows costs less than steps over all n-grams. */
const FEW_ROWS = 1500;
const withoutColumns = (rows: number): Csr => ({
  rows,
  columns: 0,
  starts: new Int32Array(rows + 1),
  indices: new Int32Array(0),
  values: new Float32Array(0),
});

interface View {
  vocabulary: Vocabulary;
  blocks: Blocks;
  /** The same rows in as many coordinates as there are rows; null where that would cost more. */
  space: RowSpace | null;
}

interface Settings {
  c: number;
  /** How much the n-grams count beside the embedding. */
  a: number;
}

/** One recipe over the rows of one dataset. Rows are numbers; of those given to `fit`, some are held out to choose. */
export function prepareLinear(
  recipe: LinearRecipe,
  read: readonly ReadTexts[],
  objective: Objective,
): PreparedLinear {
  const matrix = densify(recipe, read);
  const isBoth = recipe.hasNgrams && matrix.columns > 0;
  let settings: Settings | null = null;
  let seen: { rows: readonly number[]; a: number; view: View } | null = null;

  /** The rows as a solver sees them; strengths over the same rows share it. */
  function viewOf(rows: readonly number[], a: number): View {
    if (seen?.rows !== rows || seen.a !== a) {
      const counted = rows.map((row) => ngramsOf(read[row]));
      const most = Math.max(LEAST_NGRAMS, Math.floor(MAX_WEIGHTS / objective.outputs));
      const vocabulary = fitVocabulary(recipe.hasNgrams ? counted : [], most);
      const [dense, sparse] = [takeDenseRows(matrix, rows), vectorise(vocabulary, counted)];
      const scale = isBoth ? a : 1;
      const space = recipe.hasNgrams && rows.length <= FEW_ROWS ? toRowSpace(dense, sparse, scale) : null;
      seen = { rows, a, view: { vocabulary, blocks: { dense, sparse, scale }, space } };
    }
    return seen.view;
  }

  async function solve(
    rows: readonly number[],
    { c, a }: Settings,
    iterations: number,
    options: FitOptions,
  ): Promise<LinearModel> {
    const { vocabulary, blocks, space } = viewOf(rows, a);
    const { outputs } = objective;
    const asked = space ? { dense: space.rows, sparse: withoutColumns(rows.length), scale: 1 } : blocks;
    const found = await fitBlocks(asked, outputs, objective.residuals(rows), {
      c,
      maxIterations: iterations,
      tolerance: TOLERANCE,
      signal: options.signal,
      onIteration: (done) => options.onProgress(done / iterations),
    });
    if (!recipe.hasNgrams) return { head: found.dense, ngrams: null, lora: null };
    const { dense, sparse } = space?.back(found.dense.weights, outputs) ?? {
      dense: found.dense.weights,
      sparse: found.sparse,
    };
    const head = { ...found.dense, inputs: matrix.columns, weights: dense };
    return { head, ngrams: packNgrams(vocabulary, sparse, outputs), lora: null };
  }
  const outputs = (model: LinearModel, rows: readonly number[]) =>
    outputsOf(
      model,
      takeDenseRows(matrix, rows),
      rows.map((row) => read[row] ?? { counted: [], vectors: [] }),
    );

  /** Strength first, then the n-grams' weight, on every fifth row. */
  async function choose(rows: readonly number[], options: FitOptions): Promise<Settings> {
    const held = rows.filter((_, i) => i % 5 === 0);
    const fit = rows.filter((_, i) => i % 5 !== 0);
    const quiet = { ...options, onProgress: () => {} };
    return chooseSettings<Settings>(
      { c: STRENGTHS[0] as number, a: 0.6 },
      [
        (best) => STRENGTHS.slice(1).map((c) => ({ ...best, c })),
        (best) => (isBoth ? OTHER_WEIGHTS.map((a) => ({ ...best, a })) : []),
      ],
      async (tried) => objective.loss(outputs(await solve(fit, tried, CHOICE_ITERATIONS, quiet), held), held),
    );
  }
  return {
    async fit(rows: readonly number[], options: FitOptions): Promise<LinearModel> {
      // Once: what a choice among a handful gains on its own rows is far below the standard error.
      settings ??= await choose(rows, options);
      return solve(rows, settings, MAX_ITERATIONS, options);
    },
    outputs,
    effective: (): Record<string, number> =>
      settings ? { c: settings.c, ...(isBoth ? { a: settings.a } : {}) } : {},
  };
}
export interface PreparedLinear extends Readable<LinearModel> {
  fit(rows: readonly number[], options: FitOptions): Promise<LinearModel>;
  /** [rows, outputs]. */
  outputs(model: LinearModel, rows: readonly number[]): Float32Array;
  effective(): Record<string, number>;
}
