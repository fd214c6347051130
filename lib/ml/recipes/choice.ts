import { assignFolds, contentHash } from "../data/split";

/** How a recipe chooses its own settings: on an inner split of its training rows, one setting after the other. */

export interface Part {
  rows: readonly number[];
  labels: Int32Array;
}

/** Every fifth of the rows is held out, stratified, equal texts together; null when they cannot be parted. */
export function innerSplit(
  texts: readonly string[],
  rows: readonly number[],
  labels: Int32Array,
  classes: number,
  seed: number,
): { fit: Part; held: Part } | null {
  const hashes = rows.map((row) => contentHash(texts[row] ?? ""));
  const folds = assignFolds(hashes, labels, classes, 5, seed);
  const part = (isHeld: boolean): Part => {
    const places = rows.map((_, i) => i).filter((i) => (folds[i] === 0) === isHeld);
    return {
      rows: places.map((i) => rows[i] as number),
      labels: Int32Array.from(places, (i) => labels[i] as number),
    };
  };
  const [fit, held] = [part(false), part(true)];
  return fit.rows.length > 0 && held.rows.length > 0 ? { fit, held } : null;
}

/**
 * Goes over the axes in order and keeps, of each, the variant with the lowest loss; what is already chosen stays
 * when nothing is lower. A few fits instead of the product of all values.
 */
export async function chooseSettings<S>(
  first: S,
  axes: readonly ((best: S) => readonly S[])[],
  judge: (settings: S) => Promise<number>,
): Promise<S> {
  let best = { settings: first, loss: await judge(first) };
  for (const axis of axes)
    for (const settings of axis(best.settings)) {
      const loss = await judge(settings);
      if (loss < best.loss) best = { settings, loss };
    }
  return best.settings;
}

/** Below this many rows a count of wrong answers is mostly chance, and likelihood says more. */
const FEW_ROWS = 1000;

/** What a choice goes by: the share of wrong answers with the log loss as the tie-break; with few rows the log loss. */
export function lossOf(logits: Float32Array, labels: Int32Array, classes: number): number {
  let [wrong, loss] = [0, 0];
  for (const [row, label] of labels.entries()) {
    const own = logits.subarray(row * classes, (row + 1) * classes);
    const most = own.reduce((a, z) => Math.max(a, z), Number.NEGATIVE_INFINITY);
    const sum = own.reduce((all, z) => all + Math.exp(z - most), 0);
    if ((own[label] as number) < most) wrong += 1;
    loss += Math.min(Math.log(sum) + most - (own[label] as number), 100);
  }
  return (labels.length < FEW_ROWS ? loss : wrong + 1e-3 * loss) / Math.max(1, labels.length);
}

/**
 * A small problem is chosen for in every fit anew, so that no fold's rows take part in the choice that they judge.
 * From here on (10,000 rows of 10 classes) the first fit's choice is kept: choosing again would more than double
 * the time, and what one among a handful of settings gains on its own rows is far below the standard error.
 */
const CHOSEN_ONCE_CELLS = 100_000;
export const isChosenOnce = (rows: number, classes: number) => rows * classes >= CHOSEN_ONCE_CELLS;
