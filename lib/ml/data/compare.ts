import { labelsIn, textOf } from "./cells";
import type { Findings } from "./findings";
import { hashTable } from "./hash";
import { readRowsFile } from "./lines-file";

/** Duplicates, contradictions and leakage, over hashes of texts. */

/** What two texts have in common when they differ only in case, accents' form, spaces or punctuation. */
export function normalise(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\p{P}\p{S}]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
}

/** Set on an entry's label when its first row has been counted as contradicted. */
const COUNTED = 0x80000000;

/** @param normal what two texts that count as nearly the same have in common. */
export function compareTexts(findings: Findings, normal: (text: string) => string) {
  const exact = hashTable(0);
  const near = hashTable(2);
  return (text: string, labelId: number, line: number): void => {
    const common = normal(text);
    const isExact = exact.add(text) !== null;
    // Nothing but symbols: those say something, and no two of them are near.
    const seen = near.add(common === "" ? text : common, line, labelId);
    if (isExact) findings.add("duplicate_exact", line);
    else if (seen !== null) findings.add("duplicate_near", line);
    if (seen === null) return;
    const isCounted = seen.second >= COUNTED;
    if ((isCounted ? seen.second - COUNTED : seen.second) === labelId) return;
    if (!isCounted) {
      near.setSecond(seen.at, seen.second + COUNTED);
      findings.add("label_conflict", seen.first);
    }
    findings.add("label_conflict", line);
  };
}

/** What a validation file is held against. */
export async function readTraining(path: string, normal: (text: string) => string) {
  const texts = hashTable(0);
  const labels = new Set<string>();
  for await (const { input, target } of readRowsFile(path)) {
    texts.add(normal(textOf(input)));
    for (const label of labelsIn(target)) labels.add(label);
  }
  return {
    hasText: (text: string) => texts.has(normal(text)),
    hasLabel: (label: string) => labels.has(label),
  };
}

/** Measured rows that a training row says too, but for case, spaces and punctuation. */
export function countLeaked(
  texts: readonly string[],
  { train, test }: { train: readonly number[]; test: readonly number[] },
): number {
  const said = (row: number) => normalise(texts[row] ?? "");
  const taught = new Set(train.map(said));
  return test.filter((row) => taught.has(said(row))).length;
}
