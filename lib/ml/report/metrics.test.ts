import fc from "fast-check";
import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { calibration, classFigures, evaluate, macroF1, pairedDifference, selectiveCurve } from "./metrics";
import { auroc, nearest } from "./scope";
import { chooseTemperature } from "./temperature";
import { wilson } from "./wilson";

test("figures of a confusion matrix done by hand", () => {
  // actual 0: 3 right, 1 said 1; actual 1: 2 right, 1 said 0; actual 2: 1 said 0.
  const answered = {
    actual: Int32Array.of(0, 0, 0, 0, 1, 1, 1, 2),
    predicted: Int32Array.of(0, 0, 0, 1, 1, 1, 0, 0),
  };
  const [zero, one, two] = classFigures(answered, 3);
  expect(zero).toEqual({ precision: 3 / 5, recall: 3 / 4, f1: 6 / 9, support: 4 });
  expect(one).toEqual({ precision: 2 / 3, recall: 2 / 3, f1: 4 / 6, support: 3 });
  expect(two).toEqual({ precision: 0, recall: 0, f1: 0, support: 1 });
  expect(macroF1(answered, 3)).toBeCloseTo((6 / 9 + 4 / 6 + 0) / 3);
});

test("the interval of 81 right of 263 is Wilson's", () => {
  // Newcombe 1998, table I, method 3.
  const { low, high } = wilson(81, 263);
  expect(low).toBeCloseTo(0.2553, 4);
  expect(high).toBeCloseTo(0.3662, 4);
});

test("the selective curve starts with the surest answers and ends with all of them", () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.boolean()), { minLength: 1 }),
      (rows) => {
        const curve = selectiveCurve(
          Float64Array.from(rows, ([c]) => c),
          rows.map(([, right]) => right),
        );
        const last = curve.at(-1);
        expect(last?.coverage).toBe(1);
        expect(last?.error).toBeCloseTo(rows.filter(([, right]) => !right).length / rows.length);
        for (const [i, point] of curve.entries()) {
          expect(point.errorUpper).toBeGreaterThanOrEqual(point.error - 1e-9);
          if (i > 0) expect(point.threshold).toBeLessThan(curve[i - 1]?.threshold ?? 0);
        }
      },
    ),
  );
});

test("calibration is not given for fewer than 200 rows, and is near zero for honest confidences", () => {
  const random = generator(5);
  const confidence = Float64Array.from({ length: 5000 }, () => 0.5 + random() / 2);
  const right = [...confidence].map((c) => random() < c);
  expect(calibration(confidence, right).ece ?? 1).toBeLessThan(0.02);
  expect(calibration(confidence.subarray(0, 199), right.slice(0, 199)).ece).toBeNull();
});

test("the temperature undoes logits that were multiplied", () => {
  const random = generator(2);
  const n = 4000;
  const logits = new Float32Array(n * 2);
  const labels = new Int32Array(n);
  for (let row = 0; row < n; row++) {
    const z = random() * 4 - 2;
    labels[row] = random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
    logits[row * 2 + 1] = z * 3;
  }
  expect(chooseTemperature(logits, labels, 2, false)).toBeGreaterThan(2.5);
  expect(chooseTemperature(logits, labels, 2, false)).toBeLessThan(3.6);
});

test("a model that is calibrated keeps its temperature of one", () => {
  const random = generator(9);
  const n = 1500;
  const logits = new Float32Array(n * 2);
  const labels = new Int32Array(n);
  for (let row = 0; row < n; row++) {
    const z = random() * 6 - 3;
    labels[row] = random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
    logits[row * 2 + 1] = z;
  }
  expect(chooseTemperature(logits, labels, 2, false)).toBe(1);
});

test("a paired difference of equal answers is nothing, and AUROC counts ties half", () => {
  expect(pairedDifference([true, false], [true, false])).toMatchObject({ value: 0, low: 0, high: 0 });
  expect(auroc([2, 3], [1, 2])).toBe(0.875);
  expect(nearest(Float32Array.of(0.1, 0.9, 0.5, 0.7), 2)).toEqual([1, 3]);
});

test("a report keeps the 200 most frequent wrong pairs, and says how many there were", () => {
  const classes = 16;
  const labels = Array.from({ length: classes }, (_, k) => `c${k}`);
  const wrong = labels.flatMap((_, a) => labels.flatMap((_, p) => (a === p ? [] : [[a, p] as const])));
  const answers = [...wrong, wrong[100] ?? ([0, 1] as const)];
  const probabilities = new Float32Array(answers.length * classes);
  for (const [row, [, p]] of answers.entries()) probabilities[row * classes + p] = 1;
  const rows = answers.map((_, line) => ({ line, text: "" }));
  const evaluation = evaluate(
    "test",
    rows,
    Int32Array.from(answers, ([a]) => a),
    probabilities,
    labels,
  );
  expect(evaluation.confusions).toHaveLength(200);
  expect(evaluation.confusions[0]?.count).toBe(2);
  expect(evaluation.confusionPairs).toBe(240);
});
