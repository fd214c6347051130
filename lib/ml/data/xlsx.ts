import { TrainingError } from "../task";
import type { RawRow, RowBatches } from "./row";
import { attribute, type Tag, xmlTags } from "./xml";
import { listMembers, type Member, readMember, unsafe } from "./zip";

/**
 * Sheets of an XLSX workbook (ECMA-376, SpreadsheetML), read as a stream: stored values, never formulas.
 * Only the shared strings are held in memory, hence the bounds.
 */

const MAX_STRINGS_BYTES = 128 * 1024 ** 2;
const MAX_SHEET_BYTES = 1024 ** 3;
const MAX_CELLS = 1000;
/** Empty rows between filled ones are kept up to this; a lone cell in row 1,048,576 must not make a million. */
const MAX_GAP = 1000;

interface Sheet {
  name: string;
  isHidden: boolean;
  member: string;
  sizeBytes: number;
}

export interface Workbook {
  sheets: Sheet[];
  rows(sheet: Sheet, onBytes?: (bytes: number) => void): RowBatches;
}

function tooLarge(what: string, limitMb: number): TrainingError {
  return new TrainingError(
    "file_too_large",
    `The workbook's ${what} is larger than ${limitMb} MB unpacked. Save the sheet as CSV and upload that.`,
    "file",
  );
}

async function tagsOf(path: string, member: string): Promise<Tag[]> {
  const tags: Tag[] = [];
  for await (const batch of xmlTags(readMember(path, member))) {
    tags.push(...batch);
    if (tags.length > 1_000_000) throw unsafe(`${member} in the workbook is far too long`);
  }
  return tags;
}

/** `_x000D_` is how the format writes characters that XML cannot hold. */
function unescapeCell(text: string): string {
  if (!text.includes("_x")) return text;
  return text.replace(/_x([0-9a-f]{4})_/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)));
}

async function readStrings(path: string, member: string | undefined): Promise<string[]> {
  const strings: string[] = [];
  if (member === undefined) return strings;
  let text = "";
  let isPhonetic = false;
  for await (const batch of xmlTags(readMember(path, member)))
    for (const tag of batch) {
      if (tag.name === "rPh") isPhonetic = tag.kind === "open";
      else if (tag.name === "t" && tag.kind === "close" && !isPhonetic) text += tag.before;
      else if (tag.name === "si" && tag.kind !== "open") {
        strings.push(unescapeCell(text));
        text = "";
      }
    }
  return strings;
}

/** Whether each cell style shows its number as a date. */
async function readDateStyles(path: string, member: string | undefined): Promise<boolean[]> {
  if (member === undefined) return [];
  const custom = new Map<string, string>();
  const styles: boolean[] = [];
  let isInCells = false;
  for (const tag of await tagsOf(path, member)) {
    const id = attribute(tag.attributes, "numFmtId") ?? "0";
    if (tag.name === "numFmt") custom.set(id, attribute(tag.attributes, "formatCode") ?? "");
    else if (tag.name === "cellXfs") isInCells = tag.kind === "open";
    else if (tag.name === "xf" && isInCells && tag.kind !== "close") {
      const code = (custom.get(id) ?? "").replace(/"[^"]*"|\[[^\]]*\]|\\./g, "");
      const builtIn = Number(id);
      styles.push(
        (builtIn >= 14 && builtIn <= 22) || (builtIn >= 45 && builtIn <= 47) || /[ymdhs]/i.test(code),
      );
    }
  }
  return styles;
}

/** Days since 1899-12-30 (1904-01-01 in old Macintosh books) as an ISO date, with the time when there is one. */
function isoDate(serial: number, is1904: boolean): string {
  const date = new Date(Math.round((serial + (is1904 ? 1462 : 0) - 25569) * 86_400_000));
  if (Number.isNaN(date.getTime())) return String(serial);
  const text = date.toISOString();
  return Number.isInteger(serial) ? text.slice(0, 10) : text.slice(0, 19).replace("T", " ");
}

/** `BC12` is column 54. */
function columnOf(reference: string): number {
  let column = 0;
  for (const char of reference) {
    const letter = char.charCodeAt(0) - 64;
    if (letter < 1 || letter > 26) break;
    column = column * 26 + letter;
  }
  return column - 1;
}

interface Shared {
  strings: string[];
  dates: boolean[];
  is1904: boolean;
}

function cellValue(
  type: string | undefined,
  style: string | undefined,
  text: string,
  shared: Shared,
): string {
  if (type === "s") return shared.strings[Number(text)] ?? "";
  if (type === "b") return text === "1" ? "TRUE" : "FALSE";
  // #N/A and its like: the formula has no value.
  if (type === "e") return "";
  if (type === "str" || type === "inlineStr" || type === "d") return unescapeCell(text);
  const number = Number(text);
  if (text === "" || Number.isNaN(number)) return text;
  return shared.dates[Number(style ?? 0)] ? isoDate(number, shared.is1904) : String(number);
}

/** Turns tags into rows; keeps what is open between two batches. */
function sheetParser(shared: Shared) {
  let [line, isPhonetic] = [0, false];
  let cells: string[] = [];
  let cell: { column: number; type: string | undefined; style: string | undefined; text: string } | null =
    null;

  function startRow(tag: Tag, rows: RawRow[]): void {
    const next = Number(attribute(tag.attributes, "r") ?? line + 1);
    for (let gap = line + 1; gap < next && next - line <= MAX_GAP && line > 0; gap++)
      rows.push({ line: gap, cells: [], isBlank: true });
    line = next;
    cells = [];
  }

  function endCell(): void {
    if (cell === null || cell.column >= MAX_CELLS) return;
    while (cells.length < cell.column) cells.push("");
    cells[cell.column] = cellValue(cell.type, cell.style, cell.text, shared);
    cell = null;
  }

  return (tags: readonly Tag[]): RawRow[] => {
    const rows: RawRow[] = [];
    for (const tag of tags) {
      if (tag.name === "row") {
        if (tag.kind !== "close") startRow(tag, rows);
        if (tag.kind === "open") continue;
        const isBlank = cells.every((value) => value.trim() === "");
        rows.push(isBlank ? { line, cells, isBlank: true } : { line, cells });
      } else if (tag.name === "c" && tag.kind !== "close") {
        const reference = attribute(tag.attributes, "r");
        const column = reference === undefined ? cells.length : columnOf(reference);
        const type = attribute(tag.attributes, "t");
        cell = { column, type, style: attribute(tag.attributes, "s"), text: "" };
        if (tag.kind === "empty") cell = null;
      } else if (tag.name === "c") endCell();
      else if (tag.name === "rPh") isPhonetic = tag.kind === "open";
      else if (cell !== null && tag.kind === "close" && !isPhonetic && (tag.name === "v" || tag.name === "t"))
        cell.text += tag.before;
    }
    return rows;
  };
}

async function* counted(bytes: AsyncIterable<Buffer>, onBytes?: (bytes: number) => void) {
  for await (const chunk of bytes) {
    onBytes?.(chunk.length);
    yield chunk;
  }
}

async function readSheets(path: string, members: Map<string, Member>) {
  if (!members.has("xl/_rels/workbook.xml.rels")) throw unsafe("the workbook's list of sheets is missing");
  const targets = new Map<string, string>();
  for (const tag of await tagsOf(path, "xl/_rels/workbook.xml.rels")) {
    const target = attribute(tag.attributes, "Target") ?? "";
    const name = target.startsWith("/") ? target.slice(1) : `xl/${target}`;
    targets.set(attribute(tag.attributes, "Id") ?? "", name);
  }
  const sheets: Sheet[] = [];
  let is1904 = false;
  for (const tag of await tagsOf(path, "xl/workbook.xml")) {
    if (tag.name === "workbookPr") is1904 = /^(1|true)$/.test(attribute(tag.attributes, "date1904") ?? "");
    if (tag.name !== "sheet" || tag.kind === "close") continue;
    const member = members.get(targets.get(attribute(tag.attributes, "id") ?? "") ?? "");
    if (member === undefined || !member.name.includes("worksheets/")) continue;
    const isHidden = (attribute(tag.attributes, "state") ?? "visible") !== "visible";
    const name = attribute(tag.attributes, "name") ?? member.name;
    sheets.push({ name, isHidden, member: member.name, sizeBytes: member.sizeBytes });
  }
  return { sheets, is1904 };
}

export async function openWorkbook(path: string): Promise<Workbook> {
  const members = new Map((await listMembers(path)).map((member) => [member.name, member]));
  const named = (ending: string) => (members.has(`xl/${ending}`) ? `xl/${ending}` : undefined);
  if ((members.get("xl/sharedStrings.xml")?.sizeBytes ?? 0) > MAX_STRINGS_BYTES)
    throw tooLarge("text", MAX_STRINGS_BYTES / 1024 ** 2);
  const { sheets, is1904 } = await readSheets(path, members);
  if (sheets.length === 0)
    throw new TrainingError("file_empty", "The workbook has no sheet with cells.", "file");
  const shared: Shared = {
    strings: await readStrings(path, named("sharedStrings.xml")),
    dates: await readDateStyles(path, named("styles.xml")),
    is1904,
  };
  return {
    sheets,
    async *rows(sheet, onBytes) {
      if (sheet.sizeBytes > MAX_SHEET_BYTES) throw tooLarge("sheet", MAX_SHEET_BYTES / 1024 ** 2);
      const parse = sheetParser(shared);
      for await (const tags of xmlTags(counted(readMember(path, sheet.member), onBytes))) {
        const rows = parse(tags);
        if (rows.length > 0) yield rows;
      }
    },
  };
}

/** Filled rows of every sheet. */
export async function countRows(workbook: Workbook): Promise<{ name: string; rows: number }[]> {
  const counts: { name: string; rows: number }[] = [];
  for (const sheet of workbook.sheets) {
    let rows = 0;
    for await (const batch of workbook.rows(sheet)) rows += batch.filter((row) => !row.isBlank).length;
    counts.push({ name: sheet.name, rows });
  }
  return counts;
}
