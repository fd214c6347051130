import { expect, test } from "vitest";
import type { Recipe } from "../task";
import { trainingFolder } from "./order.fixture";
import { createTrials, type Measure, type Trial, type TrialRows } from "./trials";

const rows = Array.from({ length: 50 }, (_, row) => row);
const of: TrialRows = {
  ...{ train: rows, test: [], hashes: rows.map(String), strata: new Int32Array(50) },
  ...{ meanCharacters: 20, classes: 2 },
};
const share = (judged: readonly number[]) => judged.reduce((sum, one) => sum + one, 0) / judged.length;
/** @param error of any difference. */
const measureWith = (error: number): Measure<number> => ({
  metric: "span_f1",
  of: (judged) => ({ value: share(judged), low: 0, high: 1 }),
  difference: (one, other) => ({ value: share(one) - share(other), low: 0, high: 0, error }),
});
const recipe: Recipe = {
  ...{ id: "lora", needs: { base: true, tuning: true } },
  estimate: () => ({ seconds: 1, bytes: 1 }),
};

const ways = [1, 0.75, 0.5].map((strength) => ({ rank: 8, strength, ngrams: 0 }));
/** Right on this share of the rows, by the way that a model is read. */
const RIGHT = [0.5, 0.9, 0.7];

async function compare(error: number) {
  const folder = trainingFolder();
  const measure = measureWith(error);
  const trials = createTrials<number, number>([recipe], of, measure, folder.order([]), folder.run());
  folder.remove();
  const kept: number[] = [];
  const trial: Trial<number, number> = {
    fit: async () => 0,
    readings: () => [0, 1, 2],
    ways,
    keep: (place) => kept.push(place),
    judge: (place, asked) => asked.map((row) => Number(row < 50 * (RIGHT[place] ?? 0))),
    effective: () => ({}),
  };
  await trials.add(recipe, () => trial);
  return { kept, found: trials.candidates[0] };
}

test("of the strengths of an adapter the best out of fold is kept, and what it answered there is what counts", async () => {
  const { kept, found } = await compare(0.1);
  expect(kept).toEqual([1]);
  expect(found?.score.value).toBe(0.9);
  expect(share(found?.judged ?? [])).toBe(0.9);
  expect(found?.readings).toEqual({
    metric: "span_f1",
    rows: 50,
    tried: ways.map((way, place) => ({ ...way, value: RIGHT[place], chosen: place === 1 })),
  });
});

test("a strength that is better by less than a standard error is not kept", async () => {
  const { kept, found } = await compare(0.5);
  expect(kept).toEqual([0]);
  expect(found?.score.value).toBe(0.5);
  expect(found?.readings?.tried.map(({ chosen }) => chosen)).toEqual([true, false, false]);
});
