import { MAX_RECORD, type RawRow, type RowBatches } from "./row";

/**
 * A delimited-text reader (RFC 4180 and what people really send) whose point is recovery: a row that cannot
 * be taken apart is handed on as a finding with its line, and reading goes on at the *next physical line*.
 * A parser that stops, or skips to the next balanced quote, loses rows without a trace.
 */
export interface CsvOptions {
  /** Undefined: each line is one cell. */
  delimiter: string | undefined;
  /** False: a quote is an ordinary character (tab-separated exports without quoting). */
  hasQuotes: boolean;
}

const [LF, CR, QUOTE, SPACE] = [10, 13, 34, 32];
const MORE = -1;
const MISQUOTED = -2;

interface Scan {
  /** Index after the record's line end; `MORE` text is needed; `MISQUOTED`: text after a closing quote. */
  next: number;
  cells: string[];
  /** Whether a quoted cell was read, so that the record may span several physical lines. */
  sawQuote: boolean;
}

/** Index after the line end at `at`; `MORE` when a CR may be the first half of a CRLF still to come. */
function afterBreak(text: string, at: number, isEnd: boolean): number {
  if (text.charCodeAt(at) === LF) return at + 1;
  if (at + 1 === text.length && !isEnd) return MORE;
  return text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
}

/** Index of the quote that closes a cell whose content begins at `from`; -1 if it is not in the text yet. */
function closingQuote(text: string, from: number, isEnd: boolean): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (at + 1 === text.length) return isEnd ? at : -1;
    if (text.charCodeAt(at + 1) !== QUOTE) return at;
  }
  return -1;
}

function skipSpaces(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === SPACE) at++;
  return at;
}

function scanRecord(text: string, from: number, isEnd: boolean, delimiter: number, quotes: boolean): Scan {
  const cells: string[] = [];
  let sawQuote = false;
  let at = from;
  for (;;) {
    const open = quotes ? skipSpaces(text, at) : at;
    if (quotes && text.charCodeAt(open) === QUOTE) {
      sawQuote = true;
      const close = closingQuote(text, open + 1, isEnd);
      if (close < 0) return { next: MORE, cells, sawQuote };
      const inner = text.slice(open + 1, close);
      cells.push(inner.includes('"') ? inner.replaceAll('""', '"') : inner);
      at = skipSpaces(text, close + 1);
      const code = text.charCodeAt(at);
      if (at < text.length && code !== delimiter && code !== LF && code !== CR)
        return { next: MISQUOTED, cells, sawQuote };
    } else {
      const start = at;
      for (; at < text.length; at++) {
        const code = text.charCodeAt(at);
        if (code === delimiter || code === LF || code === CR) break;
      }
      cells.push(text.slice(start, at));
    }
    if (at >= text.length) return { next: isEnd ? text.length : MORE, cells, sawQuote };
    if (text.charCodeAt(at) !== delimiter) return { next: afterBreak(text, at, isEnd), cells, sawQuote };
    at++;
  }
}

function countBreaks(text: string, from: number, to: number): number {
  let breaks = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code === LF || (code === CR && text.charCodeAt(at + 1) !== LF)) breaks++;
  }
  return breaks;
}

/** Index after the line that `at` is in; `MORE` when it does not end in the text. */
function lineAfter(text: string, at: number, isEnd: boolean): number {
  const [lf, cr] = [text.indexOf("\n", at), text.indexOf("\r", at)];
  if (lf < 0 && cr < 0) return isEnd ? text.length : MORE;
  return afterBreak(text, lf < 0 || (cr >= 0 && cr < lf) ? cr : lf, isEnd);
}

function isBlank(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0]?.trim() === "";
}

/** Push text, take rows. Holds at most one record (`MAX_RECORD` characters) and the last piece of text. */
export function csvParser(options: CsvOptions) {
  const delimiter = options.delimiter?.charCodeAt(0) ?? -1;
  let rest = "";
  let line = 1;
  /** Cells of the first record; a misquoted row that has as many without its quotes is taken as it stands. */
  let width = 0;
  /** In a line that is too long: everything up to its end is dropped. */
  let isSkipping = false;

  function row(cells: string[]): RawRow {
    if (isBlank(cells)) return { line, cells, isBlank: true };
    if (width === 0) width = cells.length;
    return { line, cells };
  }

  /** The physical line at `from` did not make sense as a record: one row, then the next line. */
  function recover(text: string, from: number, isEnd: boolean, isMisquoted: boolean): [RawRow, number] {
    const plain = scanRecord(text, from, isEnd, -1, false);
    const raw = plain.cells[0] ?? "";
    if (isMisquoted && plain.next >= 0) {
      // A quote that closes within its line and goes on is quoted speech, not quoting: `"Hello" he said`.
      const scan = scanRecord(`${raw}\n`, 0, true, delimiter, true);
      const literal = scanRecord(raw, 0, true, delimiter, false).cells;
      if (scan.next === MISQUOTED && literal.length === width) return [{ line, cells: literal }, plain.next];
    }
    return [{ line, cells: [], problem: "row_malformed", raw: raw.slice(0, 2000) }, plain.next];
  }

  function take(text: string, isEnd: boolean): RawRow[] {
    const rows: RawRow[] = [];
    let at = 0;
    while (at < text.length) {
      if (isSkipping) {
        const next = lineAfter(text, at, isEnd);
        if (next === MORE) {
          // Keep a trailing CR, to see whether an LF belongs to it.
          rest = text.endsWith("\r") ? "\r" : "";
          return rows;
        }
        isSkipping = false;
        line++;
        at = next;
        continue;
      }
      const scan = scanRecord(text, at, isEnd, delimiter, options.hasQuotes);
      if (scan.next >= 0) {
        rows.push(row(scan.cells));
        line += scan.sawQuote ? Math.max(1, countBreaks(text, at, scan.next)) : 1;
        at = scan.next;
        continue;
      }
      const isTooLong = text.length - at > MAX_RECORD;
      if (scan.next === MORE && !isEnd && !isTooLong) break;
      const [found, next] = recover(text, at, isEnd, scan.next === MISQUOTED);
      if (next === MORE && !isTooLong && !isEnd) break;
      rows.push(found);
      if (next === MORE) {
        isSkipping = true;
        rest = text.endsWith("\r") ? "\r" : "";
        return rows;
      }
      line++;
      at = next;
    }
    rest = text.slice(at);
    return rows;
  }

  return {
    push: (text: string): RawRow[] => take(rest + text, false),
    end: (): RawRow[] => (rest === "" ? [] : take(rest, true)),
  };
}

export async function* csvRows(chunks: AsyncIterable<string>, options: CsvOptions): RowBatches {
  const parser = csvParser(options);
  for await (const chunk of chunks) {
    const rows = parser.push(chunk);
    if (rows.length > 0) yield rows;
  }
  const rows = parser.end();
  if (rows.length > 0) yield rows;
}

/** The records at the beginning of a file, without the last one, which may be cut off. */
export function headRecords(head: string, options: CsvOptions, isWhole: boolean): RawRow[] {
  const parser = csvParser(options);
  const rows = parser.push(head);
  return (isWhole ? [...rows, ...parser.end()] : rows).filter((row) => !row.isBlank);
}
