import { Readable } from "node:stream";
import { getVersion, type Version } from "./datasets";
import { downloadResponse } from "./download";
import { columnsOf } from "./ml/contract";
import { ndjsonOf } from "./ndjson";
import { readBlob, versionKey } from "./storage";

type Cell = string | number | null;
type Cells = Record<string, Cell>;
interface Row {
  line: number;
  /** Of a table, its cells by column. */
  input: Cell | Cells;
  target: Cell;
  given?: Cell;
  labelledBy?: "model";
}

/**
 * The frozen rows of a version as a CSV for a spreadsheet: labels as people corrected them, and what the file says
 * beside each of those.
 */
export async function downloadRows(tenantId: string, versionId: string): Promise<Response> {
  const version = await getVersion(tenantId, versionId);
  const rows = await readBlob(versionKey(tenantId, version.id, "rows.ndjson"));
  // A response takes bytes, not the strings of a stream of objects.
  const csv = Readable.from(csvOf(version, rows), { objectMode: false });
  return downloadResponse(csv, `rows-${version.number}.csv`, { type: "text/csv; charset=utf-8" });
}

async function* csvOf({ columns, report }: Version, rows: Readable): AsyncGenerator<string> {
  const { csvLine } = await import("./ml/data/csv-write");
  const table = columns.columns === undefined ? null : columnsOf(columns, "columns");
  const [text = "text"] = columnsOf(columns, "text");
  const [label = "label"] = columnsOf(columns, "label");
  // A file without it would, uploaded again, pass a model's labels off as people's.
  const isMarked = report?.problems.some(({ kind }) => kind === "labelled_by_model");
  const labeller = (by: string) => (isMarked ? [by] : []);
  yield csvLine(["line", ...(table ?? [text]), label, "label_in_file", ...labeller("labelled_by")]);
  for await (const { line, input, target, given, labelledBy } of ndjsonOf<Row>(rows))
    yield csvLine([
      line,
      ...(table ? table.map((name) => (input as Cells)[name]) : [input as Cell]),
      target,
      given,
      ...labeller(labelledBy ?? ""),
    ]);
}
