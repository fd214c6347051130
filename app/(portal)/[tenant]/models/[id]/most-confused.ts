import type { LabelsEvaluation } from "@/lib/ml/evaluation";

type Pair = Pick<LabelsEvaluation["confusions"][number], "actual" | "predicted" | "count">;

/** The classes that are in most wrong answers, right or answered, in the order of the labels. */
export function mostConfused(
  labels: readonly string[],
  pairs: readonly Pair[],
  most: number,
): readonly string[] {
  if (labels.length <= most) return labels;
  const wrong = new Map(labels.map((label) => [label, 0]));
  for (const { actual, predicted, count } of pairs)
    for (const label of [actual, predicted]) wrong.set(label, (wrong.get(label) ?? 0) + count);
  const byCount = [...labels].sort((a, b) => (wrong.get(b) ?? 0) - (wrong.get(a) ?? 0));
  const shown = new Set(byCount.slice(0, most));
  return labels.filter((label) => shown.has(label));
}
