import { fromRows, takeDenseRows } from "../linear/matrix";
import { denseLogits, fitSoftmaxHead, type LinearHead } from "../linear/softmax-head";
import type { FitOptions, TextRecipe } from "./text-recipe";

/** Strengths that are tried; on unit-length embeddings of this base nothing outside them has won. */
const STRENGTHS = [3, 10, 30];
const MAX_ITERATIONS = 100;

/** A softmax head on the frozen base's embeddings. */
export const head: TextRecipe = {
  id: "head",
  needs: { base: true, gradients: true },
  isMargin: false,
  estimate: ({ rows, classes, meanTokens }) => ({
    seconds: 2 + (rows * meanTokens) / 12_000 + (rows * classes * 384 * 4 * MAX_ITERATIONS * 6) / 2e10,
    bytes: 400e6 + rows * (384 * 16 + classes * 24),
  }),
  async prepare({ embeddings }) {
    if (!embeddings) throw new Error("the head recipe needs embeddings");
    const matrix = fromRows(embeddings);
    let chosen: number | null = null;
    return {
      async fit(rows, labels, classes, options) {
        const x = takeDenseRows(matrix, rows);
        chosen ??= await chooseStrength(matrix, rows, labels, classes, options);
        const c = chosen;
        const fitted = await fitSoftmaxHead(x, labels, classes, {
          c,
          maxIterations: MAX_ITERATIONS,
          signal: options.signal,
          onIteration: (done) => options.onProgress(done / MAX_ITERATIONS),
        });
        return { kind: "head", head: fitted, c };
      },
      logits(model, rows) {
        if (model.kind !== "head") throw new Error("a head model is needed");
        return denseLogits(model.head, takeDenseRows(matrix, rows));
      },
    };
  },
};

/**
 * Chooses C on every fifth of the given training rows, fitted on the others, each start from the last solution.
 * Done once, in the first fold: its held-out rows are among neither part, so no figure sees its own choice.
 */
async function chooseStrength(
  matrix: ReturnType<typeof fromRows>,
  rows: readonly number[],
  labels: Int32Array,
  classes: number,
  options: FitOptions,
): Promise<number> {
  const isHeld = (i: number) => i % 5 === 4;
  const part = (held: boolean) => {
    const mine = rows.map((row, i) => ({ row, i })).filter(({ i }) => isHeld(i) === held);
    return {
      x: takeDenseRows(
        matrix,
        mine.map(({ row }) => row),
      ),
      y: Int32Array.from(mine, ({ i }) => labels[i] as number),
    };
  };
  const [fitPart, held] = [part(false), part(true)];
  let best = { c: STRENGTHS[1] as number, loss: Number.POSITIVE_INFINITY };
  let start: LinearHead | undefined;
  for (const c of STRENGTHS) {
    start = await fitSoftmaxHead(fitPart.x, fitPart.y, classes, {
      c,
      maxIterations: 60,
      signal: options.signal,
      ...(start ? { start } : {}),
    });
    const loss = errorsOf(denseLogits(start, held.x), held.y, classes);
    if (loss < best.loss) best = { c, loss };
  }
  return best.c;
}

/** Wrong answers, with the log loss as the tie-break. */
function errorsOf(logits: Float32Array, labels: Int32Array, classes: number): number {
  let total = 0;
  for (const [row, label] of labels.entries()) {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    const most = Math.max(...own);
    const sum = own.reduce((all, z) => all + Math.exp(z - most), 0);
    const logLoss = Math.log(sum) + most - (own[label] as number);
    total += ((own[label] as number) < most ? 1 : 0) + 1e-3 * Math.min(logLoss, 100);
  }
  return total / Math.max(1, labels.length);
}
