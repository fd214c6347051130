import { createHash } from "node:crypto";
import { copyFile, mkdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { CheckReport, ColumnMap, Correction, Reading } from "../contract";
import { type Role, TrainingError } from "../task";
import { labelsIn, type RowPart, readCell, settleTarget, textOf } from "./cells";
import { compareTexts, normalise, readTraining } from "./compare";
import { csvLine } from "./csv-write";
import { collectFindings } from "./findings";
import { canonicalRow } from "./frozen-rows";
import { refuseDuplicates } from "./inspect";
import { countLengths } from "./lengths";
import { type LineWriter, writeLines } from "./lines-file";
import { findColumns, type Mapped } from "./mapped";
import { openSource } from "./open";
import { type Refusal, refuse } from "./refusal";
import type { RawRow } from "./row";
import { openTable } from "./table";
import { countTargets } from "./targets";

export interface CheckOrder {
  path: string;
  reading: Reading;
  columns: ColumnMap;
  /** Of the task. */
  roles: readonly Role[];
  /** Labels that people corrected; the file itself stays as it is. */
  corrections?: readonly Correction[];
  /** NDJSON of accepted rows: `{ line, input, target }`, `given` where the label was corrected, and `labelledBy`. */
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

/** Space for each control character, as the trained model would see it; null when there is none. */
export function withoutControls(text: string): string | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f\u0080-\u009f]/g, " ");
  return clean === text ? null : clean;
}

/** Share of a text's characters that could not be decoded. */
function lostShare(text: string): number {
  return text.includes("\ufffd") ? (text.split("\ufffd").length - 1) / text.length : 0;
}

type Sorted = { fault: string } | { input: RowPart; target: RowPart; hasControls: boolean };

/** The row's input and target, or why it cannot be used. */
function sortCells(row: RawRow, mapped: readonly Mapped[]): Sorted {
  if (row.problem !== undefined) return { fault: row.problem };
  const isTable = mapped.some(({ kind }) => kind === "columns");
  const empty = { fault: isTable ? "row_empty" : "text_empty" };
  const cells = mapped.map(({ at }) => row.cells[at]);
  if (cells.some((cell) => cell === undefined))
    return row.cells.every((cell) => cell.trim() === "") ? empty : { fault: "column_missing" };
  const isBroken = mapped.some(({ kind }, i) => lostShare(cells[i] ?? "") > (kind === "text" ? MAX_LOST : 0));
  if (isBroken) return { fault: "encoding_broken" };
  const parts: Record<Role["part"], [string, RowPart | null][]> = { input: [], target: [] };
  let hasControls = false;
  for (const [i, { key, part, kind }] of mapped.entries()) {
    const clean = withoutControls(cells[i] ?? "");
    hasControls ||= clean !== null;
    const read = readCell(kind, clean ?? cells[i] ?? "");
    if ("fault" in read) return read;
    parts[part].push([key, read.value]);
  }
  if (isTable && parts.input.every(([, value]) => value === null)) return empty;
  const joined = (part: [string, RowPart | null][], isObject: boolean): RowPart =>
    part.length === 1 && !isObject ? (part[0]?.[1] ?? "") : (Object.fromEntries(part) as RowPart);
  // Offsets were counted in the text as it stands in the file.
  const text = cells[mapped.findLastIndex(({ part }) => part === "input")] ?? "";
  const kind = mapped.find(({ part }) => part === "target")?.kind ?? "category";
  const settled = settleTarget(kind, joined(parts.target, false), text);
  const input = joined(parts.input, isTable);
  return "fault" in settled ? settled : { input, target: settled.value, hasControls };
}

/** A correction that names another label was made for other rows than these. */
function correct(given: RowPart, correction: Correction | undefined): RowPart {
  if (!correction) return given;
  if (correction.given !== given)
    throw new Error(`the correction of line ${correction.line} is of another row`);
  return correction.label;
}

/** Says of each row who gave its label; no one need point at it, and files without it are as good. */
const LABELLER = "labelled_by";
const BY_MODEL = "model" as const;

/** Where that column is; null without it, where it was chosen for something else, or for rows of more than one label. */
function findLabeller(columns: readonly { name: string }[], mapped: readonly Mapped[]): number | null {
  const at = columns.findIndex(({ name }) => name === LABELLER);
  const isOneLabel = mapped.some(({ kind }) => kind === "category");
  return at < 0 || !isOneLabel || mapped.some((role) => role.at === at) ? null : at;
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
  const mapped = findColumns(table, order.columns, order.roles);
  const isTable = order.roles.some(({ kind }) => kind === "columns");
  // Of numbers, a sign or a point is no mere punctuation: rows of a table are alike only when they are the same.
  const normal = isTable ? (text: string) => text : normalise;
  const labeller = findLabeller(table.columns, mapped);
  const isRead = new Set([...mapped.map(({ at }) => at), ...(labeller === null ? [] : [labeller])]);
  const named = table.columns.map((column) => !column.isNameless || !order.reading.hasHeader);
  const training =
    order.trainingRowsPath === undefined ? null : await readTraining(order.trainingRowsPath, normal);
  const findings = collectFindings();
  const compare = compareTexts(findings, normal);
  const targets = countTargets(order.roles.find(({ part }) => part === "target")?.kind ?? "category");
  const lengths = countLengths();
  const corrected = new Map(order.corrections?.map((one) => [one.line, one]));
  const hash = createHash("sha256");
  let [rows, kept, leaked] = [0, 0, 0];

  async function accept(row: RawRow, sorted: Exclude<Sorted, { fault: string }>): Promise<void> {
    const { input, target: given, hasControls } = sorted;
    const correction = corrected.get(row.line);
    const target = correct(given, correction);
    if (target !== given) findings.add("label_corrected", row.line);
    // A person's word on it, and be it that the model was right, makes the label a person's.
    const isModels = labeller !== null && row.cells[labeller]?.trim() === BY_MODEL && !correction;
    if (isModels) findings.add("labelled_by_model", row.line);
    const text = textOf(input);
    for (const kind of new Set(row.warnings)) findings.add(kind, row.line);
    if (hasControls) findings.add("control_character", row.line);
    if (row.cells.some((cell, at) => !isRead.has(at) && named[at] !== true && cell.trim() !== ""))
      findings.add("cells_extra", row.line);
    if (text.includes("\ufffd")) findings.add("character_lost", row.line);
    if (!isTable && text.length > LONG_TEXT) findings.add("text_too_long", row.line);
    compare(text, targets.add(target, row.line), row.line);
    if (training?.hasText(text)) {
      findings.add("leakage", row.line);
      leaked++;
    }
    if (training !== null && !labelsIn(target).every(training.hasLabel))
      findings.add("label_unknown", row.line);
    if (!isTable) lengths.add(text.length);
    const content = { input, target, ...(isModels ? { labelledBy: BY_MODEL } : {}) };
    hash.update(canonicalRow(content));
    kept++;
    const own = target === given ? {} : { given };
    await accepted.write(`${JSON.stringify({ line: row.line, ...content, ...own })}\n`);
  }

  for await (const batch of table.rows())
    for (const row of batch) {
      if (row.isBlank) continue;
      rows++;
      const sorted = sortCells(row, mapped);
      if ("fault" in sorted) {
        findings.add(sorted.fault, row.line);
        const raw = row.raw ?? row.cells.join(" | ");
        await rejects.write(csvLine([row.line, sorted.fault, raw.slice(0, 2000)]));
      } else await accept(row, sorted);
    }
  if (training === null) targets.report(findings);
  const roleOf = (at: number) =>
    at === labeller ? LABELLER : (mapped.find((role) => role.at === at)?.name ?? null);
  const report: CheckReport = {
    rows,
    accepted: kept,
    setAside: rows - kept,
    columns: table.columns.map(({ name }, at) => ({ name, role: roleOf(at) })),
    ...targets.summary(),
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
  return { report, refusal: refuse(report, training !== null, targets.refusal(kept, findings)) };
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
