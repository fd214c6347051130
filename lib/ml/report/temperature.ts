import { toProbabilities } from "../linear/softmax-head";
import { calibration, decide } from "./metrics";

/** Mean negative log likelihood of the labels under softmax(logits / temperature). */
function loss(logits: Float32Array, labels: Int32Array, classes: number, temperature: number): number {
  let sum = 0;
  for (const [row, label] of labels.entries()) {
    const at = row * classes;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) most = Math.max(most, logits[at + k] as number);
    let total = 0;
    for (let k = 0; k < classes; k++) total += Math.exp(((logits[at + k] as number) - most) / temperature);
    sum += Math.log(total) - ((logits[at + label] as number) - most) / temperature;
  }
  return sum / labels.length;
}

/**
 * One temperature for all logits, chosen by likelihood on rows that the model has not seen (Guo et al. 2017).
 * Golden-section search on the logarithm; 1 is kept when the calibration error would not fall, unless the
 * logits are margins that never were log-probabilities (`isMargin`).
 */
export function chooseTemperature(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  isMargin: boolean,
): number {
  const at = (log: number) => loss(logits, labels, classes, Math.exp(log));
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.02), Math.log(20)];
  for (let i = 0; i < 40; i++) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (at(a) < at(b)) high = b;
    else low = a;
  }
  const found = Math.exp((low + high) / 2);
  if (isMargin) return found;
  const errorAt = (temperature: number) => {
    const { predicted, confidence } = decide(toProbabilities(logits, classes, temperature), classes);
    const isRight = [...labels].map((label, row) => label === predicted[row]);
    const { bins } = calibration(confidence, isRight);
    return bins.reduce((sum, bin) => sum + bin.n * Math.abs(bin.accuracy - bin.confidence), 0);
  };
  return errorAt(found) < errorAt(1) ? found : 1;
}
