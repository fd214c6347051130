import { type Dense, takeDenseRows } from "../linear/matrix";

/** Of the texts that are offered, how many lie among the most uncertain ones to choose from. */
const CANDIDATES_PER_PICK = 3;

/**
 * The texts to ask a person about next: of the most uncertain ones those that are least alike. Greedy k-centre
 * (Gonzalez 1985; as active learning in Sener & Savarese 2018) over unit-length embeddings, begun at the most
 * uncertain text, so that an answer is not asked for twice in other words.
 * @param x embeddings [texts, hidden]. @param margins probability of the first class minus that of the second, one a
 * text. @param open numbers of the texts that nobody has answered.
 */
export function pickInformative(
  x: Dense,
  margins: Float32Array,
  open: readonly number[],
  wanted: number,
): number[] {
  const candidates = open
    .toSorted((a, b) => (margins[a] as number) - (margins[b] as number) || a - b)
    .slice(0, wanted * CANDIDATES_PER_PICK);
  const near = takeDenseRows(x, candidates);
  const nearest = new Float32Array(candidates.length).fill(Number.NEGATIVE_INFINITY);
  const picked: number[] = [];
  for (let next = 0; picked.length < Math.min(wanted, candidates.length); ) {
    picked.push(candidates[next] as number);
    nearest[next] = Number.POSITIVE_INFINITY;
    next = takeIn(near, next, nearest);
  }
  return picked;
}

/** Marks how near every candidate is to the new centre; returns the one that is farthest from all centres. */
function takeIn(x: Dense, centre: number, nearest: Float32Array): number {
  const own = x.values.subarray(centre * x.columns, (centre + 1) * x.columns);
  let farthest = 0;
  for (let row = 0; row < x.rows; row++) {
    const at = row * x.columns;
    let cosine = 0;
    for (let j = 0; j < x.columns; j++) cosine += (own[j] as number) * (x.values[at + j] as number);
    nearest[row] = Math.max(nearest[row] as number, cosine);
    if ((nearest[row] as number) < (nearest[farthest] as number)) farthest = row;
  }
  return farthest;
}

/** Every fourth text that is offered is one to measure on. */
const MEASURED_EVERY = 4;
const MOST_MEASURED = 1000;

/**
 * How many of the texts, the first ones of their random order, are kept to measure on. They never teach, and never
 * steer what is asked next: an answer that did would leave a hole around itself when it is held back, because nothing
 * like it was asked for any more, and out of fold the head would look worse than it is.
 */
export const keptTexts = (texts: number) => Math.min(MOST_MEASURED, Math.floor(texts / MEASURED_EVERY));

/** Three texts that teach, then one that measures, and so on; each text once. */
export function interleave(
  teaching: readonly number[],
  measuring: readonly number[],
  wanted: number,
): number[] {
  const order = new Set<number>();
  const [first, second] = [teaching.values(), measuring.values()];
  for (let turn = 1; order.size < wanted; turn++) {
    const own = turn % MEASURED_EVERY === 0 ? second : first;
    const next = own.next();
    const value = next.done ? (own === first ? second : first).next().value : next.value;
    if (value === undefined) break;
    order.add(value);
  }
  return [...order];
}
