import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import writeXlsxFile from "write-excel-file/node";
import { goodCsv, plainRows, readWhole, sheetRowsOf, testFolder, workbook } from "./fixtures";
import { inspectFile } from "./inspect";
import { openWorkbook } from "./xlsx";

const { dir, put } = testFolder();
const data = [["text", "label"], ...plainRows()];

async function cellsOf(bytes: Uint8Array) {
  const book = await openWorkbook(put("x.xlsx", bytes));
  const rows = [];
  for (const sheet of book.sheets) for await (const batch of book.rows(sheet)) rows.push(...batch);
  return rows;
}

test("the sheet with the data is found, another can be chosen, rows keep their numbers", async () => {
  const bytes = workbook([
    { name: "Read me", rows: sheetRowsOf([["Exported for Graft"], ["by Ada"]]) },
    { name: "Data &amp; labels", rows: sheetRowsOf(data, 3) },
    { name: "Other", rows: sheetRowsOf([["question", "topic"], ...plainRows(12)]) },
  ]);
  const path = put("three.xlsx", bytes);
  const { profile, report, rows } = await readWhole(dir, path);
  expect(profile.sheets).toEqual([
    { name: "Read me", rows: 2 },
    { name: "Data & labels", rows: 21 },
    { name: "Other", rows: 13 },
  ]);
  expect(profile.reading).toMatchObject({ format: "xlsx", sheet: "Data & labels", hasHeader: true });
  expect(report).toMatchObject({ rows: 20, accepted: 20 });
  expect(rows[0]).toEqual({ line: 4, input: data[1]?.[0], target: data[1]?.[1] });
  const other = await readWhole(dir, path, { sheet: "Other" });
  expect(other.profile.columns.map((column) => column.name)).toEqual(["question", "topic"]);
  expect(other.report.rows).toBe(12);
  await expect(inspectFile(path, "x", { sheet: "None" })).rejects.toMatchObject({
    code: "invalid_request",
    param: "sheet",
  });
});

test("values are read and formulas are not: shared, rich, inline, numbers, dates, booleans, errors", async () => {
  const strings =
    "<si><t>shared &lt;one&gt; &#x4e2d;</t></si><si><r><t>rich </t></r><r><t>text</t></r><rPh><t>phonetic</t></rPh></si><si><t>a_x000D_\nb</t></si>";
  const styles =
    '<numFmts><numFmt numFmtId="164" formatCode="dd/mm/yyyy hh:mm"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/></cellXfs>';
  const rows =
    '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>1</v></c><c r="D1" t="s"><v>2</v></c></row>' +
    '<row r="2"><c r="A2" t="str"><f>CONCAT("x",B9)</f><v>computed</v></c><c r="B2"><f>SUM(A1:A9)</f><v>12.50</v></c><c r="C2"><f>NOW()</f></c></row>' +
    '<row r="4"><c r="A4" s="1"><v>45000</v></c><c r="B4" s="2"><v>45000.75</v></c><c r="C4" t="b"><v>1</v></c><c r="D4" t="e"><v>#N/A</v></c><c t="inlineStr"><is><t>next</t></is></c></row>';
  expect(await cellsOf(workbook([{ name: "S", rows }], strings, styles))).toEqual([
    { line: 1, cells: ["shared <one> 中", "", "rich text", "a\r\nb"] },
    { line: 2, cells: ["computed", "12.5", ""] },
    { line: 3, cells: [], isBlank: true },
    { line: 4, cells: ["2023-03-15", "2023-03-15 18:00:00", "TRUE", "", "next"] },
  ]);
});

test("a workbook of another program reads as its rows", async () => {
  const path = join(dir, "peer.xlsx");
  await writeXlsxFile(data.map((row) => [...row])).toFile(path);
  const { report, rows } = await readWhole(dir, path);
  expect(report).toMatchObject({ rows: 20, accepted: 20 });
  expect(rows.map(({ input, target }) => [input, target])).toEqual(data.slice(1));
});

test("a hidden sheet is not taken for the data, and a lone cell far down makes no million rows", async () => {
  const far = `${sheetRowsOf(data)}<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>end</t></is></c></row>`;
  const path = put(
    "hidden.xlsx",
    workbook([
      { name: "Lists", state: "hidden", rows: sheetRowsOf([["a", "b"], ...plainRows(60)]) },
      { name: "Data", rows: far },
    ]),
  );
  const { profile, report } = await readWhole(dir, path);
  expect(profile.reading.sheet).toBe("Data");
  expect(report).toMatchObject({ rows: 21, accepted: 20, setAside: 1 });
});

test("a workbook whose XML declares a document type, or that is cut off, is refused", async () => {
  const lol = '<!DOCTYPE x [<!ENTITY a "aaaa">]><worksheet/>';
  await expect(cellsOf(workbook([{ name: "S", rows: lol }]))).rejects.toMatchObject({
    code: "archive_unsafe",
  });
  const whole = workbook([{ name: "S", rows: sheetRowsOf(data) }]);
  await expect(cellsOf(whole.slice(0, whole.length - 200))).rejects.toMatchObject({ code: "archive_unsafe" });
  const path = join(dir, "empty.xlsx");
  writeFileSync(path, workbook([{ name: "S", rows: "" }]));
  await expect(inspectFile(path, "empty.xlsx")).rejects.toMatchObject({ code: "file_empty" });
  // What is no workbook is read as what it is, whatever it is called.
  expect((await inspectFile(put("x.xlsx", goodCsv()), "x.xlsx")).reading.format).toBe("csv");
});
