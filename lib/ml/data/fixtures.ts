import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { afterAll } from "vitest";
import type { Reading } from "../contract";
import { textClassification } from "../tasks/text-classification";
import { type CheckOrder, checkFile } from "./check";
import type { FrozenRow } from "./frozen-rows";
import { inspectFile } from "./inspect";

/** Messy files for the tests of this folder, made on the spot, and the whole way through inspection and check. */

export function testFolder(): { dir: string; put(name: string, content: string | Uint8Array): string } {
  const dir = mkdtempSync(join(tmpdir(), "graft-data-"));
  afterAll(() => rmSync(dir, { recursive: true, force: true }));
  let n = 0;
  return {
    dir,
    put(name, content) {
      const path = join(dir, `${n++}-${name}`);
      writeFileSync(path, content);
      return path;
    },
  };
}

/** Rows of two classes, enough to train on, as `text,label` lines without a header. */
export function plainRows(count = 20): [text: string, label: string][] {
  const starts = ["where is my parcel", "please refund the kettle", "the app is slow", "card was declined"];
  return Array.from({ length: count }, (_, n) => {
    const text = `${starts[n % starts.length]} since day ${n}`;
    return [text, n % 2 === 0 ? "delivery" : "money"] as [string, string];
  });
}

export function csvOf(rows: readonly (readonly string[])[], delimiter = ",", lineEnd = "\n"): string {
  return rows.map((cells) => cells.join(delimiter) + lineEnd).join("");
}

export const goodCsv = (count = 20) => csvOf([["text", "label"], ...plainRows(count)]);

/** Inspects with what is asked, then checks with the guess (or the given columns). */
export async function readWhole(
  dir: string,
  path: string,
  asked?: Partial<Reading>,
  extra: Partial<CheckOrder> = {},
) {
  const profile = await inspectFile(path, path, asked);
  const rowsPath = join(dir, "rows.ndjson");
  const rejectsPath = join(dir, "rejects.csv");
  const { report, refusal } = await checkFile({
    path,
    reading: profile.reading,
    columns: profile.guess.columns,
    roles: textClassification.roles,
    rowsPath,
    rejectsPath,
    workDir: join(dir, "work"),
    ...extra,
  });
  const lines = readFileSync(rowsPath, "utf8").split("\n").slice(0, -1);
  const rows = lines.map((line) => JSON.parse(line) as FrozenRow<unknown, unknown>);
  const rejects = readFileSync(rejectsPath, "utf8");
  const kinds = Object.fromEntries(report.problems.map((problem) => [problem.kind, problem]));
  return { profile, report, refusal, rows, rejects, kinds };
}

export function zip(members: Record<string, string | Uint8Array>): Uint8Array {
  const files = Object.entries(members).map(([name, content]) => [
    name,
    typeof content === "string" ? strToU8(content) : content,
  ]);
  return zipSync(Object.fromEntries(files));
}

/** A workbook from the XML of its sheets' rows. */
export function workbook(
  sheets: { name: string; rows: string; state?: string }[],
  sharedStrings = "",
  styles = "",
): Uint8Array {
  const main = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"';
  const rel = "http://schemas.openxmlformats.org/officeDocument/2006/relationships";
  const list = sheets.map(
    ({ name, state = "visible" }, at) =>
      `<sheet name="${name}" sheetId="${at + 1}" state="${state}" r:id="rId${at + 1}"/>`,
  );
  const relations = sheets.map(
    (_, at) =>
      `<Relationship Id="rId${at + 1}" Type="${rel}/worksheet" Target="worksheets/sheet${at + 1}.xml"/>`,
  );
  const files: Record<string, string> = {
    "[Content_Types].xml": "<Types/>",
    "xl/workbook.xml": `<?xml version="1.0"?><workbook ${main} xmlns:r="${rel}"><sheets>${list.join("")}</sheets></workbook>`,
    "xl/_rels/workbook.xml.rels": `<Relationships>${relations.join("")}</Relationships>`,
    "xl/sharedStrings.xml": `<sst ${main}>${sharedStrings}</sst>`,
    "xl/styles.xml": `<styleSheet ${main}>${styles}</styleSheet>`,
  };
  for (const [at, { rows }] of sheets.entries())
    files[`xl/worksheets/sheet${at + 1}.xml`] =
      `<worksheet ${main}><!-- <row r="9"/> --><sheetData>${rows}</sheetData></worksheet>`;
  return zip(files);
}

/** Rows of inline strings. */
export function sheetRowsOf(rows: readonly (readonly string[])[], firstRow = 1): string {
  const escaped = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  return rows
    .map((cells, at) => {
      const row = firstRow + at;
      const xml = cells.map(
        (cell, column) =>
          `<c r="${String.fromCharCode(65 + column)}${row}" t="inlineStr"><is><t>${escaped(cell)}</t></is></c>`,
      );
      return `<row r="${row}">${xml.join("")}</row>`;
    })
    .join("");
}
