import type { Findings } from "./findings";

/** Rows per label, and what the labels say together. */

/** More different labels than any classifier here: counting stops, the refusal is certain. */
const MAX_LABELS = 100_000;
const MAX_LABEL_CHARS = 32 * 1024 ** 2;
const WITH_LINES = 1000;
const SMALL = 10;
const SHOWN = 1000;

interface Class {
  id: number;
  rows: number;
  lines: number[];
}

const variantKey = (label: string) =>
  label
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[\s_\-.]+/g, "");

export function countClasses() {
  const classes = new Map<string, Class>();
  let [chars, isOverflowing] = [0, false];
  return {
    /** The label's number, for comparing labels without their texts. */
    add(label: string, line: number): number {
      let found = classes.get(label);
      if (found === undefined) {
        if (classes.size >= MAX_LABELS || chars > MAX_LABEL_CHARS) {
          isOverflowing = true;
          return 0;
        }
        chars += label.length;
        found = { id: classes.size + 1, rows: 0, lines: [] };
        classes.set(label, found);
      }
      found.rows++;
      if (found.id <= WITH_LINES && found.lines.length < 100) found.lines.push(line);
      return found.id;
    },
    size: () => classes.size,
    isOverflowing: () => isOverflowing,
    /** Largest first; the first thousand. */
    list: () =>
      [...classes]
        .map(([label, { rows }]) => ({ label, rows }))
        .sort((a, b) => b.rows - a.rows || (a.label < b.label ? -1 : 1))
        .slice(0, SHOWN),
    report(findings: Findings): void {
      const small = [...classes].filter(([, { rows }]) => rows < SMALL);
      if (small.length > 0) {
        const named = small.slice(0, 10).map(([label, { rows }]) => `${label.slice(0, 60)} (${rows})`);
        const more = small.length > 10 ? ` and ${small.length - 10} more` : "";
        const rows = small.reduce((sum, [, one]) => sum + one.rows, 0);
        findings.addGroup(
          "class_small",
          rows,
          small.flatMap(([, { lines }]) => lines),
          `${named.join(", ")}${more}`,
        );
      }
      reportVariants(classes, findings);
    },
  };
}

function reportVariants(classes: ReadonlyMap<string, Class>, findings: Findings): void {
  const groups = new Map<string, [string, Class][]>();
  for (const entry of classes) {
    const key = variantKey(entry[0]);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [entry]);
    else group.push(entry);
  }
  const variants = [...groups.values()].filter((group) => group.length > 1);
  if (variants.length === 0) return;
  // The most frequent spelling is taken for the right one; the rows to correct are the others.
  const others = variants.flatMap((group) => group.sort((a, b) => b[1].rows - a[1].rows).slice(1));
  const named = variants
    .slice(0, 10)
    .map((group) => group.map(([label]) => `"${label.slice(0, 60)}"`).join(" and "));
  findings.addGroup(
    "label_case_variant",
    others.reduce((sum, [, { rows }]) => sum + rows, 0),
    others.flatMap(([, { lines }]) => lines),
    named.join("; "),
  );
}
