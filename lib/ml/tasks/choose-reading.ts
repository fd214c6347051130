import type { AdapterReading, Readings } from "../contract";
import { isAhead } from "../report/metrics";

/**
 * The place of the reading that answers, by which rows each was right on out of fold: the one right most often, the
 * plainest of equals. Narrow ones cost the same to serve, so one row decides between them. The whole tuned base costs a
 * session of its own, its memory and a wait while it is opened: it answers only where the best narrow reading loses
 * something, and that is more than one standard error of the paired difference, which luck alone often is not.
 * @param ways what each reading is; absent where all are served alike.
 */
export function chooseReading(
  isRight: readonly (readonly boolean[])[],
  ways: readonly AdapterReading[] = [],
): number {
  const right = isRight.map((rows) => rows.filter(Boolean).length);
  const bestOf = (places: number[]) => {
    const most = Math.max(...places.map((place) => right[place] ?? 0));
    return places.find((place) => right[place] === most);
  };
  const isWhole = (place: number) => ways[place]?.rank === "whole";
  const places = [...isRight.keys()];
  const narrow = bestOf(places.filter((place) => !isWhole(place)));
  const whole = bestOf(places.filter(isWhole));
  if (narrow === undefined || whole === undefined) return narrow ?? whole ?? 0;
  return isAhead(isRight[whole] ?? [], isRight[narrow] ?? []) ? whole : narrow;
}

/**
 * The place of the reading that answers where only the strength of an adapter differs: the best one, or the plainest
 * within a standard error of it. The head was tuned beside the whole adapter, so that less of it is better has to show: on
 * a fold of 190 rows of XQuAD three quarters were 0.7 points ahead, and 3 points behind on the rows that were kept apart.
 * @param errorOf of the paired difference between two of them.
 */
export function choosePlainest(
  values: readonly number[],
  errorOf: (one: number, other: number) => number,
): number {
  const valueAt = (place: number) => values[place] ?? Number.NEGATIVE_INFINITY;
  const best = values.reduce((a, value, place) => (value > valueAt(a) ? place : a), 0);
  return [...values.keys()].find((place) => valueAt(best) - valueAt(place) <= errorOf(best, place)) ?? best;
}

/** What a report says of them; null where there is one way to read a model, and where no fold was judged. */
export function describeReadings(
  ways: readonly AdapterReading[] | undefined,
  { metric, values, rows }: { metric: string; values: readonly number[]; rows: number },
  chosen: number,
): Readings | null {
  if (!ways || values.length === 0) return null;
  const tried = ways.map((way, place) => ({
    ...way,
    value: values[place] ?? 0,
    chosen: place === chosen,
  }));
  return { metric, rows, tried };
}
