import { fitTable, readTable } from "../data/table-features";
import { denseLogits, fitSoftmaxHead, type LinearHead } from "../linear/softmax-head";
import { chooseSettings, innerSplit, lossOf, type Part } from "./choice";
import { rowsAt, type TableData, type TableRecipe, tableLogits } from "./table-recipe";

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
        if (split) used = await choose(data, split.fit, split.held, classes, signal);
        const own = rowsAt(data, rows);
        const table = fitTable(own);
        const layer = await fitSoftmaxHead(readTable(table, own), labels, classes, {
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

/** The strength with the lowest loss on the held-out rows, each fit from the last solution. */
async function choose(data: TableData, fit: Part, held: Part, classes: number, signal: AbortSignal) {
  const taught = rowsAt(data, fit.rows);
  const table = fitTable(taught);
  const [x, unseen] = [readTable(table, taught), readTable(table, rowsAt(data, held.rows))];
  let start: LinearHead | undefined;
  const judge = async (c: number) => {
    const options = { c, maxIterations: MAX_ITERATIONS, signal, ...(start ? { start } : {}) };
    start = await fitSoftmaxHead(x, fit.labels, classes, options);
    return lossOf(denseLogits(start, unseen), held.labels, classes);
  };
  return chooseSettings(STRENGTHS[0] as number, [() => STRENGTHS.slice(1)], judge);
}
