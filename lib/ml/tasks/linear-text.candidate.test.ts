import { expect, test } from "vitest";
import { type LinearModel, type PreparedLinear, SINGLE_RECIPES } from "../recipes/linear-text";
import { scoreOf } from "../report/resample";
import { crossValidate } from "./linear-text.candidate";
import type { LinearPlan } from "./linear-text.rows";
import { judgedNumber, type NumberSettings } from "./number-judge";
import { trainingFolder } from "./order.fixture";

const ROWS = 60;
const rows = Array.from({ length: ROWS }, (_, row) => row);
/** Apart by an amount that differs from row to row, and from reading to reading. */
const noise = (row: number, place: number) => ((row * (37 + 14 * place)) % 11) - 5;
const own = rows.map((row) => ({ line: row, input: "", target: row }));
const plan: LinearPlan<NumberSettings> = {
  ...{ judge: judgedNumber.aim(own).over(rows), names: [], lines: rows, whole: rows.map(String) },
  ...{ texts: rows.map(() => [""]), hashes: rows.map(String), train: rows, test: [], testHashes: [] },
};

/** One whose models answer the truth with so much noise by how they are read. */
function compare(noises: readonly number[]) {
  const ways = noises.map((_, place) => ({ rank: 8, strength: 1 - place / 4, ngrams: 0 }));
  const model = (place: number) => ({ place }) as unknown as LinearModel;
  const kept: number[] = [];
  const prepared: PreparedLinear = {
    fit: async () => model(0),
    readings: () => ways.map((_, place) => model(place)),
    ways,
    keep: (place) => kept.push(place),
    outputs(one, asked) {
      const { place } = one as unknown as { place: number };
      return Float32Array.from(asked, (row) => (row - 30) / 20 + (noises[place] ?? 0) * noise(row, place));
    },
    effective: () => ({}),
  };
  const folder = trainingFolder();
  const [order, run] = [folder.order([]), folder.run()];
  folder.remove();
  const [recipe] = SINGLE_RECIPES;
  return crossValidate(recipe, prepared, plan, 5, order, run, () => {}).then((found) => ({ found, kept }));
}

test("of the strengths of an adapter the best out of fold is kept, by the metric that recipes are compared by", async () => {
  const { found, kept } = await compare([0.2, 0.02, 0.1]);
  expect(kept).toEqual([1]);
  const { readings, sums, settings, outputs } = found;
  expect(readings).toMatchObject({ metric: "pearson", rows: ROWS });
  expect(readings?.tried.map(({ strength, chosen }) => [strength, chosen])).toEqual([
    [1, false],
    [0.75, true],
    [0.5, false],
  ]);
  const [full = 0, chosen = 0, half = 0] = readings?.tried.map(({ value }) => value) ?? [];
  expect(chosen).toBeGreaterThan(half);
  expect(half).toBeGreaterThan(full);
  // What is compared with other recipes, and settled for serving, is of the kept one.
  expect(scoreOf(sums, plan.judge.score)).toBe(chosen);
  expect(settings).toEqual(plan.judge.settle(outputs, rows));
});

test("of strengths that are as good, or better by less than a standard error, the fullest is kept", async () => {
  expect((await compare([0, 0, 0])).kept).toEqual([0]);
  const { found, kept } = await compare([0.1, 0.1, 0.095]);
  expect(kept).toEqual([0]);
  const [full = 1, , half = 0] = found.readings?.tried.map(({ value }) => value) ?? [];
  expect(half).toBeGreaterThan(full);
});
