import type { AppraisalReport, Finding } from "../appraisal";

/** What a customer should know of the figures, worst first; the words are the portal's. */

const SEVERITIES: readonly Finding["severity"][] = ["blocker", "warning", "note"];
/** Rows without which nothing can be told, and from which on a forecast is narrow enough to quote on. */
const [LEAST_ROWS, WANTED_ROWS] = [100, 500];
/** Rows of a class from which on it is usually learnt, and enough to be measured on a part of them. */
export const WANTED_CLASS_ROWS = 20;
/** Rows of the largest class over those of the smallest. */
const UNEVEN = 20;

/** Shares from which on a finding is a warning; below it is a note, and nothing when there is none. */
const FROM = {
  duplicates_exact: 0.05,
  duplicates_near: 0.1,
  labels_contradict: 0.005,
  label_errors: 0.02,
  leakage: 0.01,
  texts_truncated: 0.02,
} as const;

/** Beside the report's own figures. */
export interface Signs {
  contradicting: number;
  /** Rows of a random fifth that another row outside of it says too, and how many rows the fifth has. */
  leaked: number;
  held: number;
  /** Rows whose text says the name of their class. */
  named: number;
  tellTales: readonly { word: string; label: string; share: number }[];
  /** Whether a base is there that would read the rows, and was hardly taught their script. */
  hasBase: boolean;
  isForeign: boolean;
}
type Figures = Omit<AppraisalReport, "findings" | "formatVersion">;

export function findingsOf(report: Figures, signs: Signs): Finding[] {
  const { lookedAt } = report;
  const rated = (
    code: keyof typeof FROM,
    rows: number,
    of = lookedAt,
    more: Finding["values"] = {},
  ): Finding[] => {
    if (rows === 0 || of === 0) return [];
    const share = rows / of;
    return [{ code, severity: share >= FROM[code] ? "warning" : "note", values: { rows, share, ...more } }];
  };
  const found: Finding[] = [
    ...ofSize(report),
    ...ofClasses(report),
    ...rated("duplicates_exact", report.duplicates.exact),
    ...rated("duplicates_near", report.duplicates.near),
    ...rated("labels_contradict", signs.contradicting),
    ...rated("label_errors", report.labelErrors ?? 0, report.probe?.judged ?? 0),
    ...rated("leakage", signs.leaked, signs.held),
    ...ofTellTales(lookedAt, signs),
    ...ofScripts(report, signs),
    ...ofPersonal(report),
    ...ofLength(report),
  ];
  if (report.noProbe === "task") found.push({ code: "task_not_appraised", severity: "note", values: {} });
  else if (!signs.hasBase) found.push({ code: "base_missing", severity: "note", values: {} });
  const rank = ({ severity }: Finding) => SEVERITIES.indexOf(severity);
  return found.sort((a, b) => rank(a) - rank(b));
}

function ofSize({ rows }: Figures): Finding[] {
  if (rows >= WANTED_ROWS) return [];
  const severity = rows < LEAST_ROWS ? "blocker" : "warning";
  return [{ code: "size_small", severity, values: { rows, wanted: WANTED_ROWS } }];
}

function ofClasses({ classes }: Figures): Finding[] {
  const [most, least] = [classes[0], classes.at(-1)];
  if (!most || !least) return [];
  const rare = classes.filter(({ rows }) => rows < WANTED_CLASS_ROWS);
  const missing = rare.reduce((sum, { rows }) => sum + WANTED_CLASS_ROWS - rows, 0);
  const values = {
    classes: rare.length,
    label: least.label,
    least: least.rows,
    wanted: WANTED_CLASS_ROWS,
    missing,
  };
  if (rare.length > 0) return [{ code: "class_rare", severity: "warning", values }];
  if (most.rows < UNEVEN * least.rows) return [];
  const uneven = { most: most.label, mostRows: most.rows, label: least.label, least: least.rows };
  return [{ code: "classes_uneven", severity: "note", values: uneven }];
}

/** Share of rows that say their own label from which on it is no coincidence. */
const NAMED = 0.3;

function ofTellTales(rows: number, { named, tellTales }: Signs): Finding[] {
  const found: Finding[] = [];
  if (named > NAMED * rows)
    found.push({ code: "label_in_text", severity: "warning", values: { rows: named, share: named / rows } });
  const [first] = tellTales;
  if (first)
    found.push({
      code: "word_gives_away",
      severity: "warning",
      values: { ...first, classes: tellTales.length },
    });
  return found;
}

/** Share of rows in another script than most from which on it is no sprinkling. */
const MIXED = 0.05;

function ofScripts({ scripts }: Figures, { isForeign, hasBase }: Signs): Finding[] {
  const [first, second] = scripts;
  const found: Finding[] = [];
  if (first && isForeign && hasBase)
    found.push({ code: "script_foreign", severity: "warning", values: { script: first.script } });
  const all = scripts.reduce((sum, { rows }) => sum + rows, 0);
  if (first && second && second.rows >= MIXED * all)
    found.push({
      code: "scripts_mixed",
      severity: "note",
      values: { first: first.script, second: second.script, share: second.rows / all },
    });
  return found;
}

function ofPersonal({ personal }: Figures): Finding[] {
  const rows = Math.max(0, ...personal.map((one) => one.rows));
  if (rows === 0) return [];
  return [{ code: "personal_data", severity: "warning", values: { kinds: personal.length } }];
}

function ofLength({ tokens }: Figures): Finding[] {
  if (!tokens || tokens.truncated === 0) return [];
  const severity = tokens.truncated >= FROM.texts_truncated ? "warning" : "note";
  return [{ code: "texts_truncated", severity, values: { share: tokens.truncated, window: tokens.window } }];
}
