/**
 * Likely label errors from out-of-fold probabilities: confident learning (Northcutt, Jiang & Chuang 2021). A row
 * is suspected when a class other than the given one is at least as probable as it usually is for that class's
 * own rows, so a class about which the model is never sure does not fill the list.
 */
export interface LabelIssue {
  /** Row number. */
  row: number;
  /** Class numbers. */
  given: number;
  suggested: number;
  /** Probability of the suggested class when only it and the given one are asked about, 0.5..1. */
  score: number;
}

/**
 * Rows by how likely their label is wrong, the likeliest first.
 * @param probabilities [rows, classes], of models that had not seen the row, at the model's temperature.
 */
export function findLabelIssues(
  probabilities: Float32Array,
  labels: Int32Array,
  classes: number,
): LabelIssue[] {
  const usual = usualConfidence(probabilities, labels, classes);
  const issues: LabelIssue[] = [];
  for (const [row, given] of labels.entries()) {
    const own = probabilities.subarray(row * classes, (row + 1) * classes);
    const { suggested, score } = suspect(own, given);
    if (score > 0.5 && (own[suggested] as number) >= (usual[suggested] as number))
      issues.push({ row, given, suggested, score });
  }
  return issues.sort((a, b) => b.score - a.score || a.row - b.row);
}

/**
 * The strongest other class and its odds against the given one. Measured on Banking77 with 10 % wrong labels,
 * these odds rank better than the given label's probability alone: a row between two likely classes has a low
 * probability of its label without being wrong.
 */
export function suspect(own: Float32Array, given: number): { suggested: number; score: number } {
  let suggested = given === 0 ? 1 : 0;
  for (const [k, p] of own.entries()) if (k !== given && p > (own[suggested] as number)) suggested = k;
  const [other, mine] = [own[suggested] ?? 0, own[given] ?? 0];
  return { suggested, score: other / Math.max(other + mine, Number.MIN_VALUE) };
}

/** Mean probability of a class over the rows that carry its label; 1 for a class without rows. */
function usualConfidence(probabilities: Float32Array, labels: Int32Array, classes: number): Float64Array {
  const sums = new Float64Array(classes);
  const counts = new Float64Array(classes);
  for (const [row, label] of labels.entries()) {
    sums[label] = (sums[label] as number) + (probabilities[row * classes + label] as number);
    counts[label] = (counts[label] as number) + 1;
  }
  return sums.map((sum, k) => (counts[k] ? sum / (counts[k] as number) : 1));
}
