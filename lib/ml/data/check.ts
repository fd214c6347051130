import { createHash } from "node:crypto";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CheckReport, ColumnMap, Correction, Reading } from "../contract";
import { type Task, TrainingError } from "../task";
import { countClasses } from "./classes";
import { compareTexts, readTraining } from "./compare";
import { csvLine } from "./csv-write";
import { collectFindings } from "./findings";
import { refuseDuplicates } from "./inspect";
import { countLengths } from "./lengths";
import { type LineWriter, writeLines } from "./lines-file";
import { openSource } from "./open";
import { type Refusal, refuse } from "./refusal";
import type { RawRow, Table } from "./row";
import { openTable } from "./table";

export interface CheckOrder {
  path: string;
  reading: Reading;
  columns: ColumnMap;
  /** Of the task: the first is what is read, the second what is to be learnt. */
  roles: Task["roles"];
  /** Labels that people corrected; the file itself stays as it is. */
  corrections?: readonly Correction[];
  /** NDJSON of accepted rows: `{ line, input, target }`, and `given` where the label was corrected. */
  rowsPath: string;
  /** CSV of the rows set aside: `line,reason,raw`. */
  rejectsPath: string;
  /** For files that are not finished yet; on the same disk as the results, ideally. */
  workDir: string;
  /** The training file's accepted rows, when this is its validation file. */
  trainingRowsPath?: string;
  /** Share of the file that has been read, 0..1. */
  onProgress?: (share: number) => void;
}

/** MiniLM's 256 tokens are about this many characters of English. */
const LONG_TEXT = 1500;
/** A lost character in a sentence leaves it readable; many mean that the encoding is another one. */
const MAX_LOST = 0.1;

/** What the hash of a dataset version is taken over: the row without its place in the file. */
function canonicalRow(input: string, target: string): string {
  return `${JSON.stringify([input, target])}\n`;
}

/** Column index per role. Throws `column_unknown`. */
function findColumns(table: Table, order: CheckOrder): number[] {
  const names = table.columns.map((column) => column.name);
  const indexes = order.roles.map((role) => {
    const asked = order.columns[role.name];
    const index = asked === undefined ? -1 : names.indexOf(asked);
    if (index >= 0 || (!role.required && asked === undefined)) return index;
    const there = `The columns are: ${names.slice(0, 30).join(", ")}.`;
    const what =
      asked === undefined ? `No column was chosen for ${role.name}.` : `The file has no column ${asked}.`;
    throw new TrainingError("column_unknown", `${what} ${there}`, asked ?? role.name);
  });
  const [text, label] = indexes;
  if (text !== undefined && text >= 0 && text === label)
    throw new TrainingError(
      "column_unknown",
      `The text and the label cannot be the same column, ${names[text]}.`,
      names[text],
    );
  return indexes;
}

/** Space for each control character, as the trained model would see it; null when there is none. */
function withoutControls(text: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0080-\u009f]/g, " ");
  return clean === text ? null : clean;
}

/** Share of a text's characters that could not be decoded. */
function lostShare(text: string): number {
  return text.includes("\ufffd") ? (text.split("\ufffd").length - 1) / text.length : 0;
}

/** Why the row cannot be used; null when it can. */
function fault(row: RawRow, textAt: number, labelAt: number): string | null {
  if (row.problem !== undefined) return row.problem;
  const text = row.cells[textAt];
  const label = row.cells[labelAt];
  if (text === undefined || label === undefined)
    return row.cells.every((cell) => cell.trim() === "") ? "text_empty" : "column_missing";
  if (label.includes("\ufffd") || lostShare(text) > MAX_LOST) return "encoding_broken";
  if (text.trim() === "") return "text_empty";
  if (label.trim() === "") return "label_empty";
  return null;
}

/** A correction that names another label was made for other rows than these. */
function correct(given: string, correction: Correction | undefined): string {
  if (!correction) return given;
  if (correction.given !== given)
    throw new Error(`the correction of line ${correction.line} is of another row`);
  return correction.label;
}

async function publish(from: string, to: string): Promise<void> {
  await rename(from, to).catch(async (error: NodeJS.ErrnoException) => {
    if (error.code !== "EXDEV") throw error;
    await copyFile(from, to);
    await rm(from);
  });
}

/** One pass over all rows. The counts always add up: `rows = accepted + setAside`. */
async function checkRows(order: CheckOrder, accepted: LineWriter, rejects: LineWriter) {
  const table = await openTable(await openSource(order.path, order.path), order.reading, order.onProgress);
  refuseDuplicates(table.columns);
  const [textAt = -1, labelAt = -1] = findColumns(table, order);
  const named = table.columns.map((column) => !column.isNameless || !order.reading.hasHeader);
  const training = order.trainingRowsPath === undefined ? null : await readTraining(order.trainingRowsPath);
  const findings = collectFindings();
  const compare = compareTexts(findings);
  const classes = countClasses();
  const lengths = countLengths();
  const corrected = new Map(order.corrections?.map((one) => [one.line, one]));
  const hash = createHash("sha256");
  let [rows, kept, leaked] = [0, 0, 0];

  async function accept(row: RawRow): Promise<void> {
    const raw = row.cells[textAt] ?? "";
    const rawLabel = row.cells[labelAt] ?? "";
    const clean = withoutControls(raw);
    const cleanLabel = withoutControls(rawLabel);
    const input = (clean ?? raw).trim();
    const given = (cleanLabel ?? rawLabel).trim();
    const target = correct(given, corrected.get(row.line));
    if (target !== given) findings.add("label_corrected", row.line);
    for (const kind of new Set(row.warnings)) findings.add(kind, row.line);
    if (clean !== null || cleanLabel !== null) findings.add("control_character", row.line);
    if (
      row.cells.some(
        (cell, at) => at !== textAt && at !== labelAt && named[at] !== true && cell.trim() !== "",
      )
    )
      findings.add("cells_extra", row.line);
    if (input.includes("\ufffd")) findings.add("character_lost", row.line);
    if (input.length > LONG_TEXT) findings.add("text_too_long", row.line);
    compare(input, classes.add(target, row.line), row.line);
    if (training?.hasText(input)) {
      findings.add("leakage", row.line);
      leaked++;
    }
    if (training !== null && !training.hasLabel(target)) findings.add("label_unknown", row.line);
    lengths.add(input.length);
    hash.update(canonicalRow(input, target));
    kept++;
    const own = target === given ? {} : { given };
    await accepted.write(`${JSON.stringify({ line: row.line, input, target, ...own })}\n`);
  }

  for await (const batch of table.rows())
    for (const row of batch) {
      if (row.isBlank) continue;
      rows++;
      const reason = fault(row, textAt, labelAt);
      if (reason === null) await accept(row);
      else {
        findings.add(reason, row.line);
        const raw = row.raw ?? row.cells.join(" | ");
        await rejects.write(csvLine([row.line, reason, raw.slice(0, 2000)]));
      }
    }
  if (training === null) classes.report(findings);
  const roleOf = (at: number) => order.roles[[textAt, labelAt].indexOf(at)]?.name ?? null;
  const report: CheckReport = {
    rows,
    accepted: kept,
    setAside: rows - kept,
    columns: table.columns.map(({ name }, at) => ({ name, role: roleOf(at) })),
    classes: classes.list(),
    problems: findings.list(),
    duplicates: {
      exact: findings.count("duplicate_exact"),
      near: findings.count("duplicate_near"),
      conflicting: findings.count("label_conflict"),
    },
    lengths: lengths.summary(),
    leakage: training === null ? null : leaked,
    sha256: hash.digest("hex"),
  };
  return { report, refusal: refuse(report, classes.isOverflowing(), training !== null) };
}

function emptyReport(): CheckReport {
  return {
    rows: 0,
    accepted: 0,
    setAside: 0,
    columns: [],
    classes: [],
    problems: [],
    duplicates: { exact: 0, near: 0, conflicting: 0 },
    lengths: { p50: 0, p95: 0, max: 0 },
    leakage: null,
    sha256: createHash("sha256").digest("hex"),
  };
}

/**
 * Checks every row of a file and writes the accepted and the rejected ones. A file that cannot be trained on
 * comes back with its refusal, which is also the first of the report's problems; only defects and a failing
 * disk throw. Memory: hashes of texts, 16 bytes each, bounded.
 */
export async function checkFile(
  order: CheckOrder,
): Promise<{ report: CheckReport; refusal: Refusal | null }> {
  await mkdir(order.workDir, { recursive: true });
  const parts = ["rows.part", "rejects.part"].map((name) => join(order.workDir, name)) as [string, string];
  const writers = parts.map(writeLines) as [LineWriter, LineWriter];
  const [accepted, rejects] = writers;
  try {
    await rejects.write(csvLine(["line", "reason", "raw"]));
    const found = await checkRows(order, accepted, rejects).catch((error: unknown) => {
      if (!(error instanceof TrainingError)) throw error;
      const { code, message, param } = error;
      return { report: emptyReport(), refusal: { code, message, param } };
    });
    for (const writer of writers) await writer.end();
    await publish(parts[0], order.rowsPath);
    await publish(parts[1], order.rejectsPath);
    const { report, refusal } = found;
    if (refusal !== null)
      report.problems.unshift({
        kind: refusal.code,
        severity: "error",
        count: report.rows,
        lines: [],
        hint: refusal.message,
      });
    return { report, refusal };
  } finally {
    for (const writer of writers) writer.destroy();
  }
}
