import type { LabelsEvaluation } from "../evaluation";
import { toProbabilities } from "../linear/softmax-head";
import { generator } from "../linear/svm";
import { calibration, decide } from "./metrics";

const SIMULATIONS = 200;

/**
 * Calibration at the model's temperature and before it, with the error that chance alone would leave.
 * @param logits [rows, classes] of rows that the model had not seen.
 */
export function describeCalibration(
  logits: Float32Array,
  actual: Int32Array,
  classes: number,
  temperature: number,
): LabelsEvaluation["calibration"] {
  const at = (t: number) => {
    const { predicted, confidence } = decide(toProbabilities(logits, classes, t), classes);
    const isRight = [...actual].map((label, row) => label === predicted[row]);
    return { confidence, described: calibration(confidence, isRight) };
  };
  const { confidence, described } = at(temperature);
  return { ...described, before: at(1).described, eceByChance: eceByChance(confidence) };
}

/**
 * 95th percentile of the error of a perfectly calibrated model that states these confidences: rows are right
 * with exactly the stated probability, drawn 200 times. Null where no error is given.
 */
export function eceByChance(confidence: Float64Array, seed = 1): number | null {
  const random = generator(seed);
  const errors = Array.from(
    { length: SIMULATIONS },
    () =>
      calibration(
        confidence,
        Array.from(confidence, (c) => random() < c),
      ).ece,
  );
  const given = errors.filter((error) => error !== null).sort((a, b) => a - b);
  return given[Math.floor(given.length * 0.95)] ?? null;
}
