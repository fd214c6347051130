import { expect, test } from "vitest";
import { generator } from "../linear/svm";
import { describeCalibration, eceByChance } from "./calibration";

/** Logits of two classes whose labels follow the softmax of logits divided by `temperature`. */
function draw(n: number, temperature: number) {
  const random = generator(4);
  const logits = new Float32Array(n * 2);
  const labels = new Int32Array(n);
  for (let row = 0; row < n; row++) {
    const z = random() * 8 - 4;
    labels[row] = random() < 1 / (1 + Math.exp(-z)) ? 1 : 0;
    logits[row * 2 + 1] = z * temperature;
  }
  return { logits, labels };
}

test("an overconfident model is shown before and after its temperature", () => {
  const { logits, labels } = draw(4000, 3);
  const found = describeCalibration(logits, labels, 2, 3);
  expect(found.before?.ece ?? 0).toBeGreaterThan(0.05);
  expect(found.ece ?? 1).toBeLessThan(found.eceByChance ?? 0);
});

test("chance leaves less error on more rows, and none is given under 200", () => {
  const confidence = Float64Array.from({ length: 5000 }, (_, i) => 0.5 + (i % 500) / 1000);
  const [few, many] = [eceByChance(confidence.subarray(0, 500)), eceByChance(confidence)];
  expect(few ?? 0).toBeGreaterThan(many ?? 1);
  expect(eceByChance(confidence.subarray(0, 199))).toBeNull();
});
