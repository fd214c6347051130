import type { Measured } from "./milestones";
import { accuracyOf, classFigures, macroF1Estimate } from "./ml/report/metrics";
import { wilson } from "./ml/report/wilson";
import type { Acceptance } from "./scope";

/** An answer beside the label that the customer gave. */
export interface Judged {
  /** Of the row in the customer's file. */
  line: number;
  input: unknown;
  label: string;
  answer: string;
  confidence: number;
}

/** The agreed figure of answers, with its 95 % interval, and how every class fared. Arithmetic alone. */
export function acceptanceFigures(
  { metric, of }: Pick<Acceptance, "metric" | "of">,
  judged: readonly Judged[],
): Pick<Measured, "value" | "low" | "high" | "perClass"> {
  const names = [...new Set(judged.flatMap(({ label, answer }) => [label, answer]))].sort();
  const numbers = new Map(names.map((name, i) => [name, i]));
  const numbersOf = (texts: readonly string[]) => Int32Array.from(texts, (text) => numbers.get(text) ?? 0);
  const answered = {
    actual: numbersOf(judged.map(({ label }) => label)),
    predicted: numbersOf(judged.map(({ answer }) => answer)),
  };
  const figures = classFigures(answered, names.length);
  const perClass = figures.flatMap(({ support: rows, recall }, i) =>
    rows === 0 ? [] : [{ label: names[i] ?? "", rows, recall }],
  );
  return { ...estimate(), perClass };

  function estimate() {
    if (metric === "accuracy") return accuracyOf(answered);
    if (metric === "macro_f1") return macroF1Estimate(answered, names.length);
    if (metric === "automation") return wilson(automated(judged, Number(of ?? 0)), judged.length);
    const own = judged.filter(({ label }) => label === of);
    return wilson(own.filter(({ answer }) => answer === of).length, own.length);
  }
}

/** Most answers, from the surest on, of which no larger share than accepted is wrong; equal confidences go together. */
function automated(judged: readonly Judged[], accepted: number): number {
  const sorted = [...judged].sort((a, b) => b.confidence - a.confidence);
  let [wrong, most] = [0, 0];
  for (const [i, { label, answer, confidence }] of sorted.entries()) {
    if (label !== answer) wrong += 1;
    const isTied = sorted[i + 1]?.confidence === confidence;
    if (!isTied && wrong <= accepted * (i + 1)) most = i + 1;
  }
  return most;
}
