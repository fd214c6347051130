import { expect, test } from "vitest";
import { contentHash } from "../data/split";
import { generator } from "../linear/svm";
import { wilson } from "../report/wilson";
import { forecastMore } from "./progress";

/** Worlds whose true accuracy at any number of labels is known, because a head's answers are drawn from it. */
const CLASSES = 2;
const answersOf = (labels: number) => ({
  labels: Int32Array.from({ length: labels }, (_, place) => place % CLASSES),
  hashes: Array.from({ length: labels }, (_, place) => contentHash(`text ${place}`)),
  classes: CLASSES,
});

function worldOf(seed: number, labels: number) {
  const random = generator(seed);
  const [level, floor, slope] = [0.1 + 0.2 * random(), 0.3 * random(), 0.15 + 0.5 * random()];
  const errorAt = (rows: number) => level * (floor + (1 - floor) * (rows / labels) ** -slope);
  // A hard text is hard for most heads: what is wrong with few labels is wrong with more of them too, mostly.
  const hardness = Array.from({ length: labels }, () => random());
  const isRight = (place: number, rows: number) =>
    (random() < 0.7 ? (hardness[place] ?? 0) : random()) >= errorAt(rows);
  const all = answersOf(labels);
  const answer = async (train: readonly number[], held: readonly number[]) =>
    Float32Array.from(
      held.flatMap((place) => {
        const label = all.labels[place] ?? 0;
        const said = isRight(place, train.length) ? label : 1 - label;
        return said === 0 ? [1, 0] : [0, 1];
      }),
    );
  // As many as are asked about at random.
  const judged = Array.from({ length: Math.floor(labels / 4) }, () => random() >= errorAt(labels));
  const now = wilson(judged.filter(Boolean).length, judged.length);
  return { all, answer, now, accuracyAt: (rows: number) => 1 - errorAt(rows) };
}

test("the interval at twice the labels holds the later accuracy", async () => {
  let [told, held] = [0, 0];
  for (let seed = 1; seed <= 24; seed++) {
    const labels = 240 + 30 * seed;
    const { all, answer, now, accuracyAt } = worldOf(seed, labels);
    const twice = (await forecastMore(all, now, answer)).at(-1);
    if (!twice) continue;
    told++;
    const later = accuracyAt(2 * labels);
    if (twice.low <= later && later <= twice.high) held++;
  }
  expect(told).toBeGreaterThan(12);
  expect(held / told).toBeGreaterThanOrEqual(0.85);
});

test("a forecast is never surer than the accuracy that it starts from", async () => {
  const { all, answer, now } = worldOf(3, 600);
  const more = await forecastMore(all, now, answer);
  expect(more.map(({ labels }) => labels)).toEqual([900, 1200]);
  for (const { value, low, high } of more) {
    expect(value - low).toBeGreaterThan(now.value - now.low);
    expect(low).toBeLessThan(value);
    expect(high).toBeGreaterThanOrEqual(value);
  }
});
