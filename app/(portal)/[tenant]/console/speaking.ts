import { useFormatter } from "next-intl";
import type { Explanation } from "@/lib/ml/contract";

/** A weight below this share of the heaviest one says nothing: its part of the row stays as it is. */
const FAINT = 0.1;

/** The parts of a row that say something, and the heaviest one's size. */
export function speakingOf<Part extends { weight: number }>(parts: readonly Part[]) {
  const most = Math.max(0, ...parts.map(({ weight }) => Math.abs(weight)));
  return { most, speaking: parts.filter(({ weight }) => most > 0 && Math.abs(weight) >= FAINT * most) };
}

/** What a part does to the number, or to the odds of the label. */
export function useEffectText(addsTo: Explanation["adds_to"]): (weight: number) => string {
  const format = useFormatter();
  return (weight) => {
    const [up, down, size] =
      addsTo === "value" ? ["+", "−", Math.abs(weight)] : ["×", "÷", Math.exp(Math.abs(weight))];
    return `${weight > 0 ? up : down} ${format.number(size, { maximumSignificantDigits: 2 })}`;
  };
}
