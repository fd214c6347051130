import { TASKS } from "../catalogue";
import type { ColumnKind, ColumnProfile, FileProfile, Reading } from "../contract";
import { TrainingError } from "../task";
import { parseLabels } from "./cells";
import { findDelimiter } from "./dialect";
import { checkEncoding, detectEncoding } from "./encoding";
import { hash64 } from "./hash";
import { hasHeader, isNumber } from "./header";
import { findShape } from "./jsonl";
import { openSource, type Source } from "./open";
import type { RawRow, Table } from "./row";
import { firstRows, openTable, readHead, sheetRows, textRows } from "./table";
import { looksLikeTokens } from "./token-lines";
import { countRows, openWorkbook } from "./xlsx";

const INSPECTED_ROWS = 10_000;
/** Names that many different lists could not recombine: a column with more holds texts. */
const MOST_NAMES = 2000;
const DATE = /^\d{4}[-/.]\d{1,2}[-/.]\d{1,2}([T ].*)?$|^\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}$/;

type Asked = Partial<Reading> | undefined;

async function readingOfSheet(source: Source, asked: Asked) {
  const workbook = await openWorkbook(source.path);
  const sheets = await countRows(workbook);
  const isVisible = (name: string) => !workbook.sheets.find((sheet) => sheet.name === name)?.isHidden;
  const visible = sheets.filter((sheet) => isVisible(sheet.name));
  // The data is where the rows are; covers and notes are short.
  const fullest = (visible.length > 0 ? visible : sheets).reduce((a, b) => (b.rows > a.rows ? b : a));
  const sheet = asked?.sheet ?? fullest.name;
  const head = await firstRows(sheetRows(workbook, sheet).rows(), 1000);
  const reading: Reading = {
    format: "xlsx",
    encoding: "utf-8",
    hasHeader: asked?.hasHeader ?? hasHeader(head.map((row) => row.cells)),
    sheet,
  };
  return { reading, sheets, isEmpty: head.length === 0 };
}

function looksLikeJson(lines: readonly string[], name: string): boolean {
  const objects = lines.filter((line) => /^\s*[{[]/.test(line)).length;
  return objects > 0 && (objects * 2 > lines.length || /\.(jsonl|ndjson|json)$/i.test(name));
}

async function readingOfText(source: Source, asked: Asked): Promise<{ reading: Reading; isEmpty: boolean }> {
  const encoding =
    asked?.encoding === undefined ? await detectEncoding(source.bytes()) : checkEncoding(asked.encoding);
  const { head, isWhole } = await readHead(source, encoding);
  const lines = head
    .split(/\r\n|\r|\n/)
    .filter((line) => line.trim() !== "")
    .slice(0, 200);
  const common = { encoding, ...(source.member !== undefined && { member: source.member }) };
  if (asked?.format === "jsonl" || (asked?.format === undefined && looksLikeJson(lines, source.name))) {
    const jsonShape = asked?.jsonShape ?? findShape(lines) ?? "fields";
    return {
      reading: { format: "jsonl", ...common, hasHeader: false, jsonShape },
      isEmpty: lines.length === 0,
    };
  }
  if (asked?.format === "tokens" || (asked?.format === undefined && looksLikeTokens(lines)))
    return { reading: { format: "tokens", ...common, hasHeader: false }, isEmpty: lines.length === 0 };
  const delimiter = asked?.delimiter ?? findDelimiter(head, source.name, isWhole);
  const rows = await textRows(source, { encoding, ...(delimiter !== undefined && { delimiter }) });
  const first = (await firstRows(rows(), 1000)).filter((row) => row.problem === undefined);
  const header = asked?.hasHeader ?? hasHeader(first.map((row) => row.cells));
  const reading: Reading = { format: "csv", ...common, hasHeader: header };
  if (delimiter !== undefined) reading.delimiter = delimiter;
  return { reading, isEmpty: lines.length === 0 };
}

function kindOf(filled: number, distinct: number, numbers: number, dates: number, mean: number): ColumnKind {
  if (filled === 0) return "empty";
  if (numbers >= filled * 0.95) return "number";
  if (dates >= filled * 0.95) return "date";
  const isRepeating = distinct <= filled / 2 || distinct <= 2;
  return isRepeating && mean <= 60 ? "category" : "text";
}

function profileColumn(name: string, index: number, rows: readonly RawRow[]): ColumnProfile {
  const seen = new Set<number>();
  const examples: string[] = [];
  const names = new Set<string>();
  let [filled, numbers, dates, length] = [0, 0, 0, 0];
  for (const row of rows) {
    const cell = (row.cells[index] ?? "").trim();
    if (cell === "") continue;
    filled++;
    length += cell.length;
    if (isNumber(cell)) numbers++;
    else if (DATE.test(cell)) dates++;
    const [high, low] = hash64(cell);
    const key = (high & 0xfffff) * 2 ** 32 + low;
    if (!seen.has(key) && examples.length < 3) examples.push(cell.slice(0, 120));
    seen.add(key);
    if (names.size < MOST_NAMES) for (const name of parseLabels(cell) ?? []) names.add(name);
  }
  const meanLength = filled === 0 ? 0 : Math.round((length / filled) * 10) / 10;
  const kind = kindOf(filled, seen.size, numbers, dates, meanLength);
  return {
    name,
    index,
    kind,
    filled,
    distinct: seen.size,
    ...(names.size < MOST_NAMES ? { names: names.size } : {}),
    meanLength,
    examples,
  };
}

/** The task whose roles fit the columns best; no columns when nothing fits. */
function guessTask(columns: readonly ColumnProfile[]): FileProfile["guess"] {
  const guesses = Object.values(TASKS).map((task) => ({ task: task.id, ...task.guess(columns) }));
  const best = guesses.reduce((a, b) => (b.confidence > a.confidence ? b : a));
  return { task: best.task, columns: best.columns, confidence: best.confidence };
}

/** Throws `header_duplicate`: a column map could not say which one is meant. */
export function refuseDuplicates(columns: Table["columns"]): void {
  const seen = new Set<string>();
  for (const { name } of columns) {
    if (seen.has(name))
      throw new TrainingError(
        "header_duplicate",
        `Two columns are named ${name}. Rename one of them and upload the file again.`,
        name,
      );
    seen.add(name);
  }
}

/**
 * What a file looks like before anything is decided. Throws `file_empty`, `file_binary`, `encoding_invalid`,
 * `header_missing`, `header_duplicate`, `archive_unsafe`, `archive_many_files`, `file_too_large`.
 */
export async function inspectFile(
  path: string,
  filename: string,
  asked?: Partial<Reading>,
): Promise<FileProfile> {
  const source = await openSource(path, filename);
  const found =
    source.kind === "xlsx"
      ? await readingOfSheet(source, asked)
      : { ...(await readingOfText(source, asked)), sheets: [] };
  const { reading, sheets } = found;
  if (found.isEmpty)
    throw new TrainingError("file_empty", "The file is empty. Upload a file with a header and rows.", "file");
  const table = await openTable(source, reading);
  refuseDuplicates(table.columns);
  const rows = (await firstRows(table.rows(), INSPECTED_ROWS)).filter((row) => row.problem === undefined);
  const hasRows = rows.length > 0 || (await firstRows(table.rows(), 1)).length > 0;
  if (!hasRows)
    throw new TrainingError(
      "header_missing",
      "The file has a header but no rows. Add rows below it and upload the file again.",
      "file",
    );
  const columns = table.columns.map(({ name }, index) => profileColumn(name, index, rows));
  const sample = rows
    .slice(0, 5)
    .map((row) => columns.map(({ index }) => (row.cells[index] ?? "").slice(0, 300)));
  return { reading, sheets, columns, sample, guess: guessTask(columns) };
}
