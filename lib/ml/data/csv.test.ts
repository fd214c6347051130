import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { type CsvOptions, csvParser } from "./csv";
import { csvCell, csvLine } from "./csv-write";
import { MAX_RECORD, type RawRow } from "./row";

const quoting: CsvOptions = { delimiter: ",", hasQuotes: true };

function read(pieces: readonly string[], options = quoting): RawRow[] {
  const parser = csvParser(options);
  return [...pieces.flatMap((piece) => parser.push(piece)), ...parser.end()];
}

function cut(text: string, places: readonly number[]): string[] {
  const at = [0, ...places.map((place) => place % (text.length + 1)), text.length].sort((a, b) => a - b);
  return at.slice(1).map((end, n) => text.slice(at[n], end));
}

const cell = fc.string({
  unit: fc.constantFrom("a", "é", '"', ",", ";", "\n", "\r", " ", "中"),
  maxLength: 8,
});
const lineEnd = fc.constantFrom("\n", "\r\n", "\r");
const places = fc.array(fc.nat(500), { maxLength: 6 });

test("well-formed text reads the same as csv-parse reads it, however it is cut into pieces", () => {
  const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(table, lineEnd, places, (rows, end, at) => {
      const text = rows
        .map((row) => row.map((one) => `"${one.replaceAll('"', '""')}"`).join(",") + end)
        .join("");
      const peer = parse(text, { relax_column_count: true, record_delimiter: end }) as string[][];
      const ours = read(cut(text, at)).map((row) => row.cells);
      expect(ours).toEqual(rows);
      expect(peer).toEqual(rows);
    }),
  );
});

test("what is written reads back as it was, but for the apostrophe before formulas", () => {
  fc.assert(
    fc.property(fc.array(cell, { minLength: 2, maxLength: 4 }), (row) => {
      expect(read([csvLine(row)])[0]?.cells).toEqual(row.map((one) => (/^\r/.test(one) ? `'${one}` : one)));
    }),
  );
});

test("any garbage reads the same in one piece and in many, and every physical line is accounted for", () => {
  const garbage = fc.string({ unit: fc.constantFrom("a", '"', ",", "\n", "\r", " "), maxLength: 60 });
  fc.assert(
    fc.property(garbage, places, (text, at) => {
      const whole = read([text]);
      expect(read(cut(text, at))).toEqual(whole);
      // A row ends where the next one begins, and the last one at the end of the text.
      const lines = text.split(/\r\n|\r|\n/);
      const count = lines.at(-1) === "" ? lines.length - 1 : lines.length;
      for (const [n, row] of whole.entries()) {
        const next = whole[n + 1]?.line ?? count + 1;
        expect(next).toBeGreaterThan(row.line);
        if (row.problem !== undefined) expect(next).toBe(row.line + 1);
      }
      expect(whole[0]?.line ?? 1).toBe(1);
    }),
    { numRuns: 500 },
  );
});

test("line numbers are physical lines, across quoted line breaks of every kind", () => {
  const rows = read(['a,b\r\n"one\ntwo\r\nthree",x\n\nlast,y\r']);
  expect(rows.map((row) => [row.line, row.cells[0]])).toEqual([
    [1, "a"],
    [2, "one\ntwo\r\nthree"],
    [5, ""],
    [6, "last"],
  ]);
  expect(rows[2]?.isBlank).toBe(true);
});

test("a quote that is never closed costs its own line only", () => {
  const rest = Array.from({ length: 50_000 }, (_, n) => `a text of some length, number ${n},label`);
  const rows = read(['text,n,label\nfine,1,x\n"never closed,2,x\n', `${rest.join("\n")}\n`]);
  expect(rows).toHaveLength(50_003);
  expect(rows[2]).toMatchObject({ line: 3, problem: "row_malformed", raw: '"never closed,2,x' });
  expect(rows.filter((row) => row.problem !== undefined)).toHaveLength(1);
  expect(rows.at(-1)).toMatchObject({
    line: 50_003,
    cells: ["a text of some length", " number 49999", "label"],
  });
});

test("quoted speech inside a cell is text", () => {
  const rows = read(['text,label\n"Hello" he said,x\nsay "no" to it,y\n"quoted, and more" he said,z\n']);
  expect(rows[1]?.cells).toEqual(['"Hello" he said', "x"]);
  expect(rows[2]?.cells).toEqual(['say "no" to it', "y"]);
  expect(rows[3]).toMatchObject({ line: 4, problem: "row_malformed" });
});

test("a line of a gigabyte is one finding and never held in memory", () => {
  const parser = csvParser(quoting);
  const rows = parser.push("text,label\nfirst,x\n");
  const piece = "a".repeat(1024 ** 2);
  for (let n = 0; n < 1024; n++) rows.push(...parser.push(piece));
  rows.push(...parser.push("\r"), ...parser.push("\nlast,y\n"), ...parser.end());
  expect(rows.map((row) => [row.line, row.problem ?? row.cells[0]])).toEqual([
    [1, "text"],
    [2, "first"],
    [3, "row_malformed"],
    [4, "last"],
  ]);
  expect(rows[2]?.raw?.length).toBeLessThan(MAX_RECORD);
});

test("cells that a spreadsheet would run are defused, numbers are not touched", () => {
  for (const cell of ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\tx", "＝1+1"])
    expect(csvCell(cell).replace(/^"/, "")).toMatch(/^'/);
  for (const cell of ["-3", "+4.5", "-1e-7", "plain", "a=b", ""]) expect(csvCell(cell)).toBe(cell);
  expect(csvLine(["a,b", 'say "hi"', -1.5, null, "x\ny"])).toBe('"a,b","say ""hi""",-1.5,,"x\ny"\r\n');
});
