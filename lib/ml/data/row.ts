/** One record of a file, before anything is known about its columns. */
export interface RawRow {
  /** 1-based physical line on which the record begins; the sheet's row number in a spreadsheet. */
  line: number;
  cells: string[];
  /** Kind of the finding that makes the row unusable. */
  problem?: string;
  /** Kinds of findings that do not. */
  warnings?: string[];
  /** The record as it stands in the file, where it could not be taken apart. */
  raw?: string;
  /** An empty line: no row, except for those who must keep line with line. */
  isBlank?: true;
}

/** Rows come in batches: one promise a row would cost more than reading it. */
export type RowBatches = AsyncGenerator<RawRow[]>;

export interface Table {
  /** In the order of `cells`. `column_3` where the header is blank or there is none. */
  columns: { name: string; isNameless: boolean }[];
  /** May be called again; each call starts at the first row after the header. */
  rows(): RowBatches;
}

/** Longer records are set aside unread: a quote that is never closed would else swallow the file. */
export const MAX_RECORD = 1024 ** 2;
