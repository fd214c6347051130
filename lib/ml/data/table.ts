import type { Reading } from "../contract";
import { TrainingError } from "../task";
import { csvRows } from "./csv";
import { hasQuotes } from "./dialect";
import { decode } from "./encoding";
import { COLUMNS, findKeys, jsonlRows } from "./jsonl";
import type { Source } from "./open";
import type { RawRow, RowBatches, Table } from "./row";
import { TOKEN_COLUMNS, tokenRows } from "./token-lines";
import { openWorkbook, type Workbook } from "./xlsx";

/** Columns and rows of a source under a given reading. */

const HEAD_CHARS = 256 * 1024;

/** The beginning of a text; always the same piece of the same file, because decisions hang on it. */
export async function readHead(
  source: Source,
  encoding: string,
): Promise<{ head: string; isWhole: boolean }> {
  let head = "";
  for await (const piece of decode(source.bytes(), encoding)) {
    head += piece;
    if (head.length >= HEAD_CHARS) return { head: head.slice(0, HEAD_CHARS), isWhole: false };
  }
  return { head, isWhole: true };
}

/** Up to `limit` rows from the start that are not blank. */
export async function firstRows(rows: RowBatches, limit: number): Promise<RawRow[]> {
  const found: RawRow[] = [];
  for await (const batch of rows)
    for (const row of batch) {
      if (!row.isBlank) found.push(row);
      if (found.length >= limit) return found;
    }
  return found;
}

/** The most frequent number of cells. */
function usualWidth(rows: readonly RawRow[]): number {
  const counts = new Map<number, number>();
  for (const { cells } of rows) counts.set(cells.length, (counts.get(cells.length) ?? 0) + 1);
  return [...counts].reduce((a, b) => (b[1] > a[1] ? b : a), [0, 0])[0];
}

async function* afterHeader(rows: RowBatches): RowBatches {
  let isHeaderSeen = false;
  for await (const batch of rows) {
    const at = isHeaderSeen ? -1 : batch.findIndex((row) => !row.isBlank);
    if (!isHeaderSeen && at < 0) continue;
    isHeaderSeen = true;
    yield batch.slice(at + 1);
  }
}

async function grid(hasHeader: boolean, rows: () => RowBatches): Promise<Table> {
  const head = await firstRows(rows(), 1000);
  const names = hasHeader ? (head[0]?.cells ?? []) : [];
  const width = hasHeader ? names.length : usualWidth(head);
  const columns = Array.from({ length: width }, (_, index) => {
    const name = (names[index] ?? "").trim();
    return name === "" ? { name: `column_${index + 1}`, isNameless: true } : { name, isNameless: false };
  });
  return { columns, rows: hasHeader ? () => afterHeader(rows()) : rows };
}

/** The rows of the chosen sheet. Throws `invalid_request` when there is none of that name. */
export function sheetRows(workbook: Workbook, name: string | undefined, onBytes?: (bytes: number) => void) {
  const sheet = name === undefined ? workbook.sheets[0] : workbook.sheets.find((one) => one.name === name);
  if (sheet === undefined)
    throw new TrainingError(
      "invalid_request",
      `The workbook has no sheet ${name}. It has ${workbook.sheets.map((one) => one.name).join(", ")}.`,
      "sheet",
    );
  return { sheet, rows: () => workbook.rows(sheet, onBytes) };
}

/** All rows of a text, the header among them. */
export async function textRows(source: Source, reading: Pick<Reading, "encoding" | "delimiter">) {
  const { head, isWhole } = await readHead(source, reading.encoding);
  const options = { delimiter: reading.delimiter, hasQuotes: hasQuotes(head, reading.delimiter, isWhole) };
  return () => csvRows(decode(source.bytes(), reading.encoding), options);
}

/** `onShare` hears how much of the file has been read (0..1), of whatever pass is running. */
export async function openTable(
  source: Source,
  reading: Reading,
  onShare?: (share: number) => void,
): Promise<Table> {
  let [done, told, total] = [0, 0, source.sizeBytes];
  const onBytes = (bytes: number) => {
    done += bytes;
    const share = Math.min(1, done / Math.max(1, total));
    // Each one travels to another process: a hundred are enough.
    if (share < told + 0.01 && share < 1) return;
    told = share;
    onShare?.(share);
  };
  const restart = (rows: () => RowBatches) => () => {
    done = 0;
    told = 0;
    return rows();
  };
  if (source.kind === "xlsx") {
    const { sheet, rows } = sheetRows(await openWorkbook(source.path), reading.sheet, onBytes);
    total = sheet.sizeBytes;
    return grid(reading.hasHeader, restart(rows));
  }
  const counted: Source = {
    ...source,
    async *bytes() {
      for await (const chunk of source.bytes()) {
        onBytes(chunk.length);
        yield chunk;
      }
    },
  };
  if (reading.format === "tokens")
    return {
      columns: TOKEN_COLUMNS.map((name) => ({ name, isNameless: false })),
      rows: restart(() => tokenRows(decode(counted.bytes(), reading.encoding))),
    };
  if (reading.format !== "jsonl") return grid(reading.hasHeader, restart(await textRows(counted, reading)));
  const shape = reading.jsonShape ?? "fields";
  const text = () => decode(counted.bytes(), reading.encoding);
  const names = shape === "fields" ? await findKeys(text) : COLUMNS[shape];
  return {
    columns: names.map((name) => ({ name, isNameless: false })),
    rows: restart(() => jsonlRows(text(), shape, names)),
  };
}
