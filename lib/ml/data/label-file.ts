import type { Reading } from "../contract";
import { TrainingError } from "../task";
import { csvLine } from "./csv-write";
import { inspectFile } from "./inspect";
import { writeLines } from "./lines-file";
import { openSource } from "./open";
import type { RawRow } from "./row";
import { openTable } from "./table";

/** A customer's file back with more columns: what the model says about each of its rows. */

export interface LabelOrder {
  path: string;
  filename: string;
  reading?: Partial<Reading>;
  /** Names of the task's input roles; for a model of tables the columns that it reads. */
  roles: readonly string[];
  /** Rows are objects by column whatever their number; what a file lacks, or a cell does not hold, is empty. */
  isTable?: boolean;
  /** Column per role; guessed where not given. */
  columns?: Readonly<Record<string, string>>;
  /** Names of the columns that the answers add. */
  added: readonly string[];
  outPath: string;
  format: "csv" | "xlsx";
  /** Answers as cells, as many as there are names; a row of one role is its text, of several an object. */
  predict(rows: RowInput[]): Promise<(string | number)[][]>;
}

type RowInput = string | Record<string, string>;

const CHUNK = 256;
/** A workbook is put together in memory. */
const MAX_XLSX_ROWS = 100_000;
const MAX_XLSX_CELL = 32_767;
const TEXT_NAME =
  /^(text|message|utterance|sentence|content|body|query|question|prompt|review|comment|description|subject|ticket|文本|内容|标题|评论|问题)s?$/i;

type Profile = Awaited<ReturnType<typeof inspectFile>>;

/** The columns of the file that the model reads. Throws `column_unknown` when there is none. */
function findColumns(profile: Profile, { roles }: LabelOrder): [role: string, column: string][] {
  const names = profile.columns.map((column) => column.name);
  const known = roles.filter((role) => names.includes(role));
  if (known.length > 0) return known.map((name) => [name, name]);
  throw new TrainingError(
    "column_unknown",
    `The file has none of the columns that the model reads: ${roles.slice(0, 30).join(", ")}.`,
    roles[0],
  );
}

/**
 * The column of each role: the named one, one of the role's own name, else what looks most like text. A file to label
 * has no target, so the task's own guess does not apply.
 */
function findInputs(profile: Profile, order: LabelOrder): [role: string, column: string][] {
  const names = profile.columns.map((column) => column.name);
  const taken = new Set<string>();
  return order.roles.map((role) => {
    const own = order.roles.length > 1 && names.includes(role) ? role : undefined;
    const column =
      order.columns?.[role] ??
      own ??
      guessText(
        profile.columns.filter(({ name }) => !taken.has(name)),
        role,
      );
    taken.add(column);
    if (names.includes(column)) return [role, column];
    throw new TrainingError(
      "column_unknown",
      `The file has no column ${column}. The columns are: ${names.slice(0, 30).join(", ")}.`,
      column,
    );
  });
}

function guessText(columns: Profile["columns"], role: string): string {
  const filled = columns.filter((column) => column.filled > 0);
  const score = (column: Profile["columns"][number]) =>
    (TEXT_NAME.test(column.name) ? 2 : 0) +
    (column.kind === "text" ? 1 : 0) +
    column.distinct / column.filled +
    Math.min(1, column.meanLength / 50);
  const best = filled.sort((a, b) => score(b) - score(a))[0];
  if (best === undefined)
    throw new TrainingError("column_unknown", `The file has no column with texts for ${role}.`, role);
  return best.name;
}

interface Output {
  header(cells: string[]): Promise<void>;
  row(cells: (string | number)[]): Promise<void>;
  end(): Promise<void>;
  abandon(): void;
}

function csvOutput(path: string, hasMark: boolean): Output {
  const writer = writeLines(path);
  return {
    header: (cells) => writer.write(`${hasMark ? "\ufeff" : ""}${csvLine(cells)}`),
    row: (cells) => writer.write(csvLine(cells)),
    end: () => writer.end(),
    abandon: () => writer.destroy(),
  };
}

/** Characters that XML 1.0 cannot hold would make the workbook unreadable. */
function sheetText(text: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  const clean = text.replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, " ");
  return clean.slice(0, MAX_XLSX_CELL).replace(/\p{Cs}/gu, "\ufffd");
}

function xlsxOutput(path: string): Output {
  const rows: ({ value: string | number; fontWeight?: "bold" } | null)[][] = [];
  const cellOf = (value: string | number) =>
    typeof value === "number" ? { value } : value === "" ? null : { value: sheetText(value) };
  return {
    async header(cells) {
      rows.push(cells.map((value) => ({ value: sheetText(value), fontWeight: "bold" })));
    },
    async row(cells) {
      if (rows.length > MAX_XLSX_ROWS)
        throw new TrainingError(
          "file_too_large",
          `A labelled workbook holds at most ${MAX_XLSX_ROWS} rows. Ask for CSV instead.`,
          "format",
        );
      rows.push(cells.map(cellOf));
    },
    async end() {
      const { default: writeXlsxFile } = await import("write-excel-file/node");
      await writeXlsxFile(rows, { sheet: "labelled" }).toFile(path);
    },
    abandon() {
      rows.length = 0;
    },
  };
}

/** Excel takes UTF-8 for what it is only behind a mark; plain programs are happier without one. */
function needsMark(profile: Profile): boolean {
  return /[^\p{ASCII}]/u.test(JSON.stringify([profile.columns, profile.sample]));
}

/** Names that the file does not use yet: a second `label` column would make it ambiguous. */
function freeNames(taken: readonly string[], added: readonly string[]): string[] {
  return added.map((name) => {
    const free = [name, `predicted_${name}`, `${name}_2`, `${name}_3`].find((one) => !taken.includes(one));
    return free ?? `${name}_${taken.length}`;
  });
}

/** The customer's cells as they were; a row that could not be taken apart stands in its first cell. */
function ownCells(row: RawRow, width: number): string[] {
  const isUnread = row.problem !== undefined && row.cells.every((cell) => cell === "");
  const cells = isUnread ? [row.raw ?? ""] : row.cells;
  return Array.from({ length: Math.max(width, 1) }, (_, at) => cells[at] ?? "");
}

async function labelRows(
  rows: readonly RawRow[],
  inputs: readonly { role: string; at: number }[],
  width: number,
  order: LabelOrder,
  out: Output,
) {
  const read = rows.map((row) => inputs.map(({ role, at }) => [role, (row.cells[at] ?? "").trim()] as const));
  const isEmpty = read.map((cells) => {
    const empty = cells.filter(([, text]) => text === "").length;
    return order.isTable ? empty === cells.length : empty > 0;
  });
  const isValue = inputs.length === 1 && !order.isTable;
  const asked = read
    .filter((_, at) => !isEmpty[at])
    .map((cells): RowInput => (isValue ? (cells[0]?.[1] ?? "") : Object.fromEntries(cells)));
  const answers = asked.length === 0 ? [] : await order.predict(asked);
  let next = 0;
  for (const [at, row] of rows.entries()) {
    const answer = isEmpty[at] ? undefined : answers[next++];
    await out.row([...ownCells(row, width), ...(answer ?? order.added.map(() => ""))]);
  }
}

/**
 * Streams the file through `predict`, 256 texts at a time. Every row comes back, in order, the empty ones
 * with empty answers. Throws what `inspectFile` throws, and `column_unknown`.
 */
export async function labelFile(
  order: LabelOrder,
): Promise<{ rows: number; columns: Record<string, string> }> {
  const profile = await inspectFile(order.path, order.filename, order.reading);
  const table = await openTable(await openSource(order.path, order.filename), profile.reading);
  const names = table.columns.map((column) => column.name);
  const columns = order.isTable ? findColumns(profile, order) : findInputs(profile, order);
  const inputs = columns.map(([role, column]) => ({ role, at: names.indexOf(column) }));
  const out =
    order.format === "xlsx" ? xlsxOutput(order.outPath) : csvOutput(order.outPath, needsMark(profile));
  let count = 0;
  let waiting: RawRow[] = [];
  try {
    await out.header([...names, ...freeNames(names, order.added)]);
    for await (const batch of table.rows())
      for (const row of batch) {
        waiting.push(row);
        count++;
        if (waiting.length < CHUNK) continue;
        await labelRows(waiting, inputs, names.length, order, out);
        waiting = [];
      }
    await labelRows(waiting, inputs, names.length, order, out);
    await out.end();
  } catch (error) {
    out.abandon();
    throw error;
  }
  return { rows: count, columns: Object.fromEntries(columns) };
}
