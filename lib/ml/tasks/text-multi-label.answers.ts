import type { LinearAnswers } from "./linear-text";
import type { SeveralLabelsOutput } from "./text-multi-label";
import type { SeveralLabelsSettings } from "./text-multi-label.engine";

/** Each label by its own threshold: here and in an exported model alike. */
export const severalLabels: LinearAnswers<SeveralLabelsOutput, SeveralLabelsSettings> = {
  inputs: ["text"],
  figures: "probabilities",
  say(probabilities, { thresholds }, names, topK) {
    const labels = names.map((label, k) => {
      const probability = probabilities[k] ?? 0;
      return { label, probability, assigned: probability >= (thresholds[k] ?? 1) };
    });
    labels.sort((a, b) => Number(b.assigned) - Number(a.assigned) || b.probability - a.probability);
    const given = labels.filter(({ assigned }) => assigned).length;
    return { labels: labels.slice(0, Math.max(topK, given)) };
  },
};
