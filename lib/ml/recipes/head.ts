import { type Dense, fromRows, takeDenseRows } from "../linear/matrix";
import { denseLogits, fitSoftmaxHead, type LinearHead } from "../linear/softmax-head";
import { chooseSettings, innerSplit, isChosenOnce, lossOf } from "./choice";
import { areNamesWorthTrying, withNames } from "./class-names";
import type { FitOptions } from "./label-recipe";
import type { TextData, TextRecipe } from "./text-recipe";

/** Strengths that are tried; on unit-length embeddings of this base nothing outside them has won. */
const STRENGTHS = [3, 10, 30];
const MAX_ITERATIONS = 100;

interface Settings {
  c: number;
  /** Whether the classes' names are rows too. */
  classNames: boolean;
}

const USUAL: Settings = { c: 10, classNames: false };

/** A softmax head on the frozen base's embeddings. */
export const head: TextRecipe = {
  id: "head",
  needs: { base: true, tuning: false },
  readsCharacters: false,
  usualGain: 0,
  isMargin: false,
  estimate: ({ rows, classes, meanTokens }) => ({
    seconds: 2 + (rows * meanTokens) / 12_000 + (rows * classes * 384 * 4 * MAX_ITERATIONS * 6) / 2e10,
    bytes: 400e6 + rows * (384 * 16 + classes * 24),
  }),
  async prepare(data) {
    if (!data.embeddings) throw new Error("the head recipe needs embeddings");
    const matrix = fromRows(data.embeddings);
    let settings: Settings | null = null;
    return {
      async fit(rows, labels, classes, options) {
        if (!settings || !isChosenOnce(rows.length, classes))
          settings = await choose(data, matrix, rows, labels, classes, options);
        const taught = withNames({ rows, labels }, classes, data.texts.length, settings.classNames);
        const fitted = await fitSoftmaxHead(takeDenseRows(matrix, taught.rows), taught.labels, classes, {
          c: settings.c,
          maxIterations: MAX_ITERATIONS,
          signal: options.signal,
          onIteration: (done) => options.onProgress(done / MAX_ITERATIONS),
        });
        return { kind: "head", head: fitted };
      },
      logits(model, rows) {
        if (model.kind !== "head") throw new Error("a head model is needed");
        return denseLogits(model.head, takeDenseRows(matrix, rows));
      },
      vectors: (_, rows) => rows.map((row) => data.embeddings?.[row] ?? new Float32Array(0)),
      effective: () => ({ ...settings }),
    };
  },
};

/** C first, each fit from the last solution, then the class names at that C. */
async function choose(
  data: TextData,
  matrix: Dense,
  rows: readonly number[],
  labels: Int32Array,
  classes: number,
  options: FitOptions,
): Promise<Settings> {
  const split = innerSplit(data.texts, rows, labels, classes, options.seed);
  if (!split) return USUAL;
  const { fit, held } = split;
  const unseen = takeDenseRows(matrix, held.rows);
  let start: LinearHead | undefined;
  return chooseSettings<Settings>(
    { c: STRENGTHS[0] as number, classNames: false },
    [
      (best) => STRENGTHS.slice(1).map((c) => ({ ...best, c })),
      (best) => (areNamesWorthTrying(rows.length, data.names) ? [{ ...best, classNames: true }] : []),
    ],
    async ({ c, classNames }) => {
      const taught = withNames(fit, classes, data.texts.length, classNames);
      start = await fitSoftmaxHead(takeDenseRows(matrix, taught.rows), taught.labels, classes, {
        c,
        maxIterations: 60,
        signal: options.signal,
        ...(start ? { start } : {}),
      });
      return lossOf(denseLogits(start, unseen), held.labels, classes);
    },
  );
}
