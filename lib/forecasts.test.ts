import { expect, test } from "vitest";
import { chanceOfPassing, scoreBand } from "./forecasts";
import type { Probe } from "./ml/appraisal";
import { trainingForecast } from "./training-forecast";

/** Errors that fall by a power law without an asymptote, judged on so many rows. */
function probeOf(judged: number): Probe {
  const sizes = [100, 200, 400, 800];
  const values = sizes.map((rows) => 1 - 0.2 * (rows / 800) ** -0.4);
  const covariance = sizes.map((_, i) => sizes.map((_, j) => (0.2 * 0.8 * (i === j ? 1 : 0.6)) / judged));
  const score = { values, covariance, noise: 1 };
  return { recipe: "head", sizes, judged, scores: { accuracy: score, macro_f1: { ...score, noise: 3 } } };
}
const bandAt = (rows: number, testRows: number, judged = 1000) => {
  const band = scoreBand({ probe: probeOf(judged) }, { rows, testRows });
  if (!band) throw new Error("no band");
  return band;
};
const rule = { metric: "accuracy", rule: "point", minRows: 500 } as const;

test("a band rises with rows and holds what the power law goes on to", () => {
  const [now, more] = [bandAt(800, 1000), bandAt(3200, 1000)];
  const truth = 1 - 0.2 * 4 ** -0.4;
  expect(more.accuracy.value).toBeGreaterThan(now.accuracy.value);
  expect(more.accuracy.low).toBeLessThan(truth);
  expect(more.accuracy.high).toBeGreaterThan(truth);
});

test("fewer rows to measure on make a band wider, and a score that rare classes decide has a wider one", () => {
  const widthOf = ({ low, high }: { low: number; high: number }) => high - low;
  const [many, few] = [bandAt(1600, 2000), bandAt(1600, 100)];
  expect(widthOf(few.accuracy)).toBeGreaterThan(2 * widthOf(many.accuracy));
  expect(widthOf(few.macro_f1)).toBeGreaterThan(widthOf(few.accuracy));
});

test("without a probe there is no band", () => {
  expect(scoreBand({ probe: null }, { rows: 1000 })).toBeNull();
});

test("the chance of passing falls with the threshold, is a half at the forecast, and lower by the lower bound", () => {
  const band = bandAt(1600, 500);
  const at = (threshold: number) => chanceOfPassing(band, { ...rule, threshold })?.chance ?? Number.NaN;
  const { value } = band.accuracy;
  expect(at(value)).toBeCloseTo(0.5, 5);
  expect(at(value - 0.1)).toBeGreaterThan(0.95);
  expect(at(value + 0.1)).toBeLessThan(0.05);
  const lower = chanceOfPassing(band, { ...rule, rule: "lower_bound", threshold: value });
  expect(lower?.chance).toBeLessThan(0.1);
  expect(lower?.needed).toBeGreaterThan(value);
});

test("a rule that not even all right answers would pass is named, with the rows that it needs", () => {
  const band = bandAt(1600, 500);
  const never = chanceOfPassing(band, { ...rule, rule: "lower_bound", threshold: 0.97, minRows: 50 });
  expect(never).toMatchObject({ chance: 0, needed: null, warning: "never" });
  const enough = never?.leastRows ?? 0;
  const possible = chanceOfPassing(band, { ...rule, rule: "lower_bound", threshold: 0.97, minRows: enough });
  expect(possible?.warning).not.toBe("never");
});

test("where luck of the measured rows decides there is a warning, and none with the rows that it asks for", () => {
  const band = bandAt(1600, 500);
  const threshold = band.accuracy.value - 0.03;
  const few = chanceOfPassing(band, { ...rule, threshold, minRows: 60 });
  expect(few?.warning).toBe("undecided");
  const many = chanceOfPassing(band, { ...rule, threshold, minRows: few?.leastRows ?? 0 });
  expect(many?.warning).toBeNull();
  expect(chanceOfPassing(band, { ...rule, threshold: band.accuracy.value })?.leastRows).toBeNull();
});

test("a metric that no band is of has no chance", () => {
  expect(chanceOfPassing(bandAt(1600, 500), { ...rule, metric: "recall", threshold: 0.9 })).toBeNull();
});

test("the time of a training lies between its neighbours and never above the budget", () => {
  const training = [
    { rows: 1000, p50Seconds: 600, p90Seconds: 1200 },
    { rows: 2000, p50Seconds: 1200, p90Seconds: 9000 },
  ];
  expect(trainingForecast({ training }, 1500)).toEqual({ p50Minutes: 15, p90Minutes: 45 });
  expect(trainingForecast({ training }, 1000)).toEqual({ p50Minutes: 10, p90Minutes: 20 });
  expect(trainingForecast({ training }, 100)).toEqual({ p50Minutes: 1, p90Minutes: 1 });
  expect(trainingForecast({ training }, 3000, 90)).toEqual({ p50Minutes: 30, p90Minutes: 90 });
  expect(trainingForecast({ training: [] }, 1000)).toBeNull();
});

test("ordered epochs are a part of the time; what nobody asked an epoch's cost of is not told", () => {
  const epochs = { usual: 10, p50Seconds: 60, p90Seconds: 120 };
  const training = [
    { rows: 1000, p50Seconds: 1200, p90Seconds: 1800, epochs },
    { rows: 2000, p50Seconds: 1200, p90Seconds: 1800, epochs: { ...epochs, usual: 8 } },
  ];
  const told = (ordered?: number) => trainingForecast({ training }, 1500, 300, ordered);
  expect(told()).toEqual({ p50Minutes: 20, p90Minutes: 30 });
  expect(told(9)).toEqual(told());
  expect(told(19)).toEqual({ p50Minutes: 30, p90Minutes: 50 });
  const early = training.map(({ epochs: _, ...point }) => point);
  expect(trainingForecast({ training: early }, 1500, 300)).toEqual(told());
  expect(trainingForecast({ training: early }, 1500, 300, 9)).toBeNull();
});
