import { countNgrams } from "../data/features";
import { fromRows, takeDenseRows } from "../linear/matrix";
import { chooseSettings, innerSplit, isChosenOnce, lossOf, type Part } from "./choice";
import { areNamesWorthTrying, withNames } from "./class-names";
import type { FitOptions } from "./label-recipe";
import type { TextData, TextRecipe } from "./text-recipe";
import { prepareWide, type WideRows, wideLogits } from "./wide-part";

/** How strongly the n-grams count beside the embedding, besides the usual weight. */
const OTHER_WEIGHTS = [0.3, 1];
const MAX_ITERATIONS = 100;
const CHOICE_ITERATIONS = 30;

interface Settings {
  a: number;
  c: number;
  /** Whether the classes' names are rows too. */
  classNames: boolean;
}

/** The best on Banking77 with 10 rows a class and with all; C = 3 was worse, C = 30 within 0.1 points. */
const USUAL: Settings = { a: 0.6, c: 10, classNames: false };

/** The frozen base's embedding beside word and character n-grams, under one softmax head. */
export const wide: TextRecipe = {
  id: "wide",
  needs: { base: true, tuning: false },
  readsCharacters: true,
  usualGain: 0.01,
  isMargin: false,
  estimate: ({ rows, classes, meanTokens }) => ({
    seconds: 3 + (rows * classes * (384 + meanTokens * 20) * MAX_ITERATIONS) / 2e9,
    bytes: 500e6 + rows * (384 * 16 + classes * 12 + meanTokens * 240),
  }),
  async prepare(data) {
    if (!data.embeddings) throw new Error("the wide recipe needs embeddings");
    const matrix = fromRows(data.embeddings);
    const counted = [...data.texts, ...data.names].map(countNgrams);
    const rowsOf = (rows: readonly number[]) => ({
      embedded: takeDenseRows(matrix, rows),
      counted: rows.map((row) => counted[row] ?? new Map<number, number>()),
    });
    let settings: Settings | null = null;
    return {
      async fit(rows, labels, classes, options) {
        if (!settings || !isChosenOnce(rows.length, classes))
          settings = await choose(data, rowsOf, rows, labels, classes, options);
        const taught = withNames({ rows, labels }, classes, data.texts.length, settings.classNames);
        const fitHead = prepareWide({ ...rowsOf(taught.rows), labels: taught.labels, classes });
        const model = await fitHead(settings.a, {
          c: settings.c,
          maxIterations: MAX_ITERATIONS,
          signal: options.signal,
          onIteration: (done) => options.onProgress(done / MAX_ITERATIONS),
        });
        return { kind: "wide", ...model };
      },
      logits(model, rows) {
        if (model.kind !== "wide") throw new Error("a wide model is needed");
        const { embedded, counted } = rowsOf(rows);
        return wideLogits(model, embedded, counted);
      },
      vectors: (_, rows) => rows.map((row) => data.embeddings?.[row] ?? new Float32Array(0)),
      effective: () => ({ ...settings }),
    };
  },
};

/** The weight first, then the class names; every fit stops after as many steps, which is fair and early enough. */
async function choose(
  data: TextData,
  rowsOf: (rows: readonly number[]) => Pick<WideRows, "embedded" | "counted">,
  rows: readonly number[],
  labels: Int32Array,
  classes: number,
  options: FitOptions,
): Promise<Settings> {
  const split = innerSplit(data.texts, rows, labels, classes, options.seed);
  if (!split) return USUAL;
  const { fit, held } = split;
  const unseen = rowsOf(held.rows);
  const prepared = (part: Part) => prepareWide({ ...rowsOf(part.rows), labels: part.labels, classes });
  const plain = prepared(fit);
  const isFew = areNamesWorthTrying(rows.length, data.names);
  const named = isFew ? prepared(withNames(fit, classes, data.texts.length)) : plain;
  return chooseSettings<Settings>(
    USUAL,
    [
      (best) => OTHER_WEIGHTS.map((a) => ({ ...best, a })),
      (best) => (isFew ? [{ ...best, classNames: true }] : []),
    ],
    async ({ a, c, classNames }) => {
      const model = await (classNames ? named : plain)(a, {
        c,
        maxIterations: CHOICE_ITERATIONS,
        signal: options.signal,
      });
      return lossOf(wideLogits(model, unseen.embedded, unseen.counted), held.labels, classes);
    },
  );
}
