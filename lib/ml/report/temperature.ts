import { toProbabilities } from "../linear/softmax-head";
import { calibration, decide } from "./metrics";

/** Negative log likelihood of each label under softmax(logits / temperature). */
export function logLosses(logits: Float32Array, labels: Int32Array, classes: number, temperature: number) {
  const out = new Float64Array(labels.length);
  for (const [row, label] of labels.entries()) {
    const at = row * classes;
    let most = Number.NEGATIVE_INFINITY;
    for (let k = 0; k < classes; k++) most = Math.max(most, logits[at + k] as number);
    let total = 0;
    for (let k = 0; k < classes; k++) total += Math.exp(((logits[at + k] as number) - most) / temperature);
    out[row] = Math.log(total) - ((logits[at + label] as number) - most) / temperature;
  }
  return out;
}

/**
 * One temperature for all logits, chosen by likelihood on rows that the model has not seen (Guo et al. 2017).
 * Golden-section search on the logarithm; 1 is kept when the calibration error would not fall, or the likelihood
 * gains less than two of its standard errors, so that a model that is calibrated already is not made worse by
 * chance. Margins that never were log-probabilities (`isMargin`) always take what was found.
 */
export function chooseTemperature(
  logits: Float32Array,
  labels: Int32Array,
  classes: number,
  isMargin: boolean,
): number {
  const at = (log: number) =>
    logLosses(logits, labels, classes, Math.exp(log)).reduce((sum, loss) => sum + loss, 0);
  const ratio = (Math.sqrt(5) - 1) / 2;
  let [low, high] = [Math.log(0.02), Math.log(20)];
  for (let i = 0; i < 40; i++) {
    const [a, b] = [high - ratio * (high - low), low + ratio * (high - low)];
    if (at(a) < at(b)) high = b;
    else low = a;
  }
  const found = Math.exp((low + high) / 2);
  if (isMargin) return found;
  const after = logLosses(logits, labels, classes, found);
  const gains = logLosses(logits, labels, classes, 1).map((loss, row) => loss - (after[row] as number));
  const gain = gains.reduce((sum, one) => sum + one, 0);
  const squares = gains.reduce((sum, one) => sum + (one - gain / gains.length) ** 2, 0);
  if (gain < 2 * Math.sqrt(squares)) return 1;
  const errorAt = (temperature: number) => {
    const { predicted, confidence } = decide(toProbabilities(logits, classes, temperature), classes);
    const isRight = [...labels].map((label, row) => label === predicted[row]);
    const { bins } = calibration(confidence, isRight);
    return bins.reduce((sum, bin) => sum + bin.n * Math.abs(bin.accuracy - bin.confidence), 0);
  };
  return errorAt(found) < errorAt(1) ? found : 1;
}
