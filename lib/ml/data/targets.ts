import type { CheckReport } from "../contract";
import type { RoleKind } from "../task";
import { labelsIn, type RowPart } from "./cells";
import { countClasses } from "./classes";
import type { Findings } from "./findings";
import { MIN_ROWS, type Refusal } from "./refusal";

/** What the targets of all rows say together; one counter a kind of role. */
export interface Targets {
  /** The target's number, for telling contradictions; 0 where equal texts may well differ. */
  add(target: RowPart, line: number): number;
  /** Adds what concerns many rows. Not for a validation file, which may well hold a part of the classes. */
  report(findings: Findings): void;
  summary(): Pick<CheckReport, "classes" | "numbers">;
  /** Why `accepted` rows with these targets teach nothing. */
  refusal(accepted: number, findings: Findings): Refusal | null;
}

function categories(): Targets {
  const classes = countClasses();
  return {
    add: (target, line) => classes.add(String(target), line),
    report: (findings) => classes.report(findings),
    summary: () => ({ classes: classes.list() }),
    refusal(accepted) {
      const named = classes.list();
      if (accepted > 1 && named.length === 1)
        return {
          code: "one_class",
          message: `All rows have the same label, ${named[0]?.label.slice(0, 80)}. Add rows of at least one other class.`,
          param: "label",
        };
      const isDistinct = classes.isOverflowing() || named.length > Math.max(2, accepted / 2);
      if (accepted < MIN_ROWS || !isDistinct) return null;
      return {
        code: "labels_all_distinct",
        message:
          "The label column is different in nearly every row, so these look like texts to write rather than classes to choose. Choose another label column.",
        param: "label",
      };
    },
  };
}

function severalLabels(): Targets {
  const classes = countClasses();
  const sets = new Map<string, number>();
  return {
    add(target, line) {
      for (const label of labelsIn(target)) classes.add(label, line);
      const key = JSON.stringify([...labelsIn(target)].sort());
      const id = sets.get(key) ?? sets.size + 1;
      // So many different sets contradict each other wherever a text comes again.
      if (sets.size < 100_000) sets.set(key, id);
      return id;
    },
    report: (findings) => classes.report(findings),
    summary: () => ({ classes: classes.list() }),
    refusal(accepted) {
      const named = classes.list();
      if (accepted < 2) return null;
      if (named.length < 2)
        return {
          code: "one_class",
          message: `The rows name ${named.length === 0 ? "no label" : `one label alone, ${named[0]?.label.slice(0, 80)}`}. Add rows of at least one other.`,
          param: "labels",
        };
      const always = named.find(({ rows }) => rows === accepted);
      if (always)
        return {
          code: "label_everywhere",
          message: `The label ${always.label.slice(0, 80)} stands in every row, so nothing tells when it does not apply. Remove it, or add rows without it.`,
          param: "labels",
        };
      if (accepted < MIN_ROWS || (!classes.isOverflowing() && named.length <= accepted)) return null;
      return {
        code: "labels_all_distinct",
        message:
          "There are more different labels than rows. Check how the labels are separated (`,` `;` `|`, or a JSON list), or choose another column.",
        param: "labels",
      };
    },
  };
}

function spans(): Targets {
  const classes = countClasses();
  return {
    add(target, line) {
      for (const label of new Set(labelsIn(target))) classes.add(label, line);
      // The same words may well mean another thing in another text.
      return 0;
    },
    report: (findings) => classes.report(findings),
    summary: () => ({ classes: classes.list() }),
    refusal(accepted) {
      const named = classes.list();
      if (accepted > 0 && named.length === 0)
        return {
          code: "no_spans",
          message: "No row marks anything, so there is nothing to find. Add rows with spans.",
          param: "spans",
        };
      if (!classes.isOverflowing() && named.length <= MOST_LABELS) return null;
      return {
        code: "labels_all_distinct",
        message: `The spans have more than ${MOST_LABELS} different labels, so these look like words of the text. Name what a span is, not what stands in it.`,
        param: "spans",
      };
    },
  };
}
/** Of spans; every one costs two tags for each word. */
const MOST_LABELS = 100;

/** Bars of the histogram. */
const BINS = 12;
/** Up to here every value is kept, for the histogram; of more rows these are enough. */
const KEPT = 100_000;

function numbers(): Targets {
  let [n, sum, least, most] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const kept: number[] = [];
  return {
    add(target) {
      const value = Number(target);
      n++;
      sum += value;
      least = Math.min(least, value);
      most = Math.max(most, value);
      if (kept.length < KEPT) kept.push(value);
      return 0;
    },
    report: () => {},
    summary: () =>
      n === 0
        ? { classes: [] }
        : { classes: [], numbers: { least, most, mean: sum / n, bins: binsOf(kept, least, most) } },
    refusal(accepted, findings) {
      if (accepted === 0 && findings.count("number_invalid") > 0)
        return {
          code: "no_numbers",
          message: "The column holds no numbers. Choose the column with the number to learn.",
          param: "number",
        };
      if (accepted > 1 && least === most)
        return {
          code: "numbers_all_equal",
          message: `All rows have the same number, ${least}. Add rows with other ones.`,
          param: "number",
        };
      return null;
    },
  };
}

function binsOf(values: readonly number[], least: number, most: number) {
  const distinct = [...new Set(values)].sort((a, b) => a - b);
  if (distinct.length <= BINS)
    return distinct.map((value) => ({
      from: value,
      to: value,
      rows: values.filter((one) => one === value).length,
    }));
  const width = (most - least) / BINS;
  const rows = new Array<number>(BINS).fill(0);
  for (const value of values) {
    const bin = Math.min(BINS - 1, Math.floor((value - least) / width));
    rows[bin] = (rows[bin] ?? 0) + 1;
  }
  return rows.map((count, i) => ({ from: least + i * width, to: least + (i + 1) * width, rows: count }));
}

/** A text or a row of a table as a target has nothing to count. */
const nothing = (): Targets => ({
  add: () => 0,
  report: () => {},
  summary: () => ({ classes: [] }),
  refusal: () => null,
});

const COUNTERS: Record<RoleKind, () => Targets> = {
  category: categories,
  labels: severalLabels,
  number: numbers,
  spans,
  answer: nothing,
  text: nothing,
  columns: nothing,
};
export const countTargets = (kind: RoleKind): Targets => COUNTERS[kind]();
