import { fitTable, readTable } from "../data/table-features";
import { denseLogits, fitSoftmaxHead, type LinearHead } from "../linear/softmax-head";
import { chooseSettings, innerSplit, lossOf } from "./choice";
import { rowsAt, type TableRecipe, tableLogits } from "./table-recipe";

const STRENGTHS = [0.1, 1, 10];
const USUAL = 1;
const MAX_ITERATIONS = 200;

/** Logistic regression on a table's features: the floor that everything else must beat. */
export const tableHead: TableRecipe = {
  id: "head",
  needs: { base: false, tuning: false },
  isMargin: false,
  estimate: ({ rows, classes }) => ({
    seconds: 1 + (rows * classes) / 5000,
    bytes: 200e6 + rows * 800,
  }),
  async prepare(data) {
    let used = USUAL;
    return {
      async fit(rows, labels, classes, { seed, signal, onProgress }) {
        const split = innerSplit(data.hashes, rows, labels, classes, seed);
        if (split) {
          const { fit, held } = split;
          const table = fitTable(rowsAt(data, fit.rows));
          const [x, unseen] = [fit, held].map((part) => readTable(table, rowsAt(data, part.rows)));
          let start: LinearHead | undefined;
          used = await chooseSettings(STRENGTHS[0] as number, [() => STRENGTHS.slice(1)], async (c) => {
            if (!x || !unseen) throw new Error("nothing is held out");
            const options = { c, maxIterations: MAX_ITERATIONS, signal, ...(start ? { start } : {}) };
            start = await fitSoftmaxHead(x, fit.labels, classes, options);
            return lossOf(denseLogits(start, unseen), held.labels, classes);
          });
        }
        const table = fitTable(rowsAt(data, rows));
        const layer = await fitSoftmaxHead(readTable(table, rowsAt(data, rows)), labels, classes, {
          c: used,
          maxIterations: MAX_ITERATIONS,
          signal,
          onIteration: (done) => onProgress(done / MAX_ITERATIONS),
        });
        return { kind: "head", table, layers: [layer], activation: "relu" };
      },
      logits: (model, rows) => tableLogits(model, rowsAt(data, rows)),
      effective: () => ({ c: used }),
    };
  },
};
