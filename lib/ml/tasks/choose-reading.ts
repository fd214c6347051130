import type { AdapterReading } from "../contract";
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
