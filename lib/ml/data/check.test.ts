import { createWriteStream, statSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import fc from "fast-check";
import { expect, test } from "vitest";
import { csvOf, goodCsv, plainRows, readWhole, testFolder } from "./fixtures";

const { dir, put } = testFolder();
const whole = (name: string, content: string | Uint8Array, asked = {}, extra = {}) =>
  readWhole(dir, put(name, content), asked, extra);

test.each([
  ["comma", ",", "\n"],
  ["semicolon", ";", "\r\n"],
  ["tab", "\t", "\r"],
  ["bar", "|", "\n"],
])("%s-separated rows are read with their lines, with and without a header", async (_, delimiter, end) => {
  const rows = plainRows().map(([text, label]) => [`${text.replace("the", "the, well,")}`, label]);
  const quoted = delimiter === "," ? rows.map(([text, label]) => [`"${text}"`, `${label}`]) : rows;
  const named = await whole("a.csv", csvOf([["text", "label"], ...quoted], delimiter, end));
  expect(named.profile.reading).toMatchObject({ delimiter, hasHeader: true });
  expect(named.rows[0]).toEqual({ line: 2, input: rows[0]?.[0], target: "delivery" });
  const bare = await whole("b.csv", csvOf(quoted, delimiter, end));
  expect(bare.profile.reading).toMatchObject({ delimiter, hasHeader: false });
  expect(bare.profile.guess.columns).toEqual({ text: "column_1", label: "column_2" });
  expect(bare.rows[0]).toEqual({ line: 1, input: rows[0]?.[0], target: "delivery" });
  // The same rows in the same order agree, wherever they stand in the file.
  expect(bare.report.sha256).toBe(named.report.sha256);
  expect(named.report).toMatchObject({ rows: 20, accepted: 20, setAside: 0 });
});

test("a row whose label a model gave says so in its version, unless a person spoke of it", async () => {
  const named = plainRows(30).map(([text, label], n) => [text, label, n % 3 === 0 ? " model" : "person"]);
  const csv = csvOf([["text", "label", "labelled_by"], ...named]);
  const confirmed = { line: 5, given: "money", label: "money" };
  const plain = await whole("by.csv", csv, {}, { columns: { text: "text", label: "label" } });
  const { report, rows, kinds } = await whole(
    "by.csv",
    csv,
    {},
    {
      columns: { text: "text", label: "label" },
      corrections: [confirmed],
    },
  );
  expect(plain.rows.filter(({ labelledBy }) => labelledBy === "model")).toHaveLength(10);
  expect(plain.rows[1]).toEqual({ line: 3, input: named[1]?.[0], target: "money" });
  expect(rows.filter(({ labelledBy }) => labelledBy === "model")).toHaveLength(9);
  expect(kinds.labelled_by_model).toMatchObject({ count: 9, severity: "info" });
  expect(report.columns).toContainEqual({ name: "labelled_by", role: "labelled_by" });
  // Who gave a label decides what it is measured on: it is part of what the version froze.
  const everyPerson = csvOf([["text", "label"], ...plainRows(30)]);
  const without = await whole("people.csv", everyPerson);
  expect(new Set([plain, { report }, without].map((one) => one.report.sha256)).size).toBe(3);
});

test("a column that is itself what is learnt or read never says who labelled a row", async () => {
  const rows = plainRows(20).map(([text], n) => [text, n % 2 ? "model" : "person"]);
  const { rows: found } = await whole(
    "learnt.csv",
    csvOf([["text", "labelled_by"], ...rows]),
    {},
    {
      columns: { text: "text", label: "labelled_by" },
    },
  );
  expect(found[1]).toEqual({ line: 3, input: rows[1]?.[0], target: "model" });
});

test("every kind of broken row is counted with its line and set aside, and the file can be downloaded", async () => {
  const file = [
    "text,label,,",
    ...plainRows(18).map((row) => row.join(",")), // lines 2 to 19
    ",delivery", // 20
    "   ,delivery", // 21
    "no label here,", // 22
    "only one cell", // 23
    '"never closed,money', // 24
    "overflowing, because of a comma,delivery,x", // 25
    "=cmd|calc,", // 26
    "bell\u0007 in the text,Money ", // 27
    "Where is my parcel - since day 0!,money", // 28
    "where is my parcel since day 0,delivery", // 29
    `${"long ".repeat(400)},money`, // 30
    "",
    ",", // 32
  ];
  const { report, refusal, kinds, rows, rejects } = await whole("messy.csv", `${file.join("\n")}\n`);
  expect(refusal).toBeNull();
  const lines = (kind: string) => kinds[kind]?.lines;
  expect(lines("text_empty")).toEqual([20, 21, 32]);
  expect(lines("label_empty")).toEqual([22, 26]);
  expect(lines("column_missing")).toEqual([23]);
  expect(lines("row_malformed")).toEqual([24]);
  expect(lines("cells_extra")).toEqual([25]);
  expect(lines("control_character")).toEqual([27]);
  expect(lines("duplicate_near")).toEqual([28]);
  expect(lines("duplicate_exact")).toEqual([29]);
  expect(lines("label_conflict")).toEqual([2, 28]);
  expect(lines("text_too_long")).toEqual([30]);
  expect(lines("class_small")).toEqual([25, 27]);
  expect(kinds.label_case_variant).toMatchObject({ lines: [27], severity: "warning" });
  expect(kinds.label_case_variant?.hint).toMatch(/"money" and "Money"/);
  expect(report).toMatchObject({ rows: 30, accepted: 23, setAside: 7 });
  expect(report.duplicates).toEqual({ exact: 1, near: 1, conflicting: 2 });
  expect(rows.map((row) => row.line)).toContain(27);
  expect(rows.find((row) => row.line === 27)?.input).toBe("bell  in the text");
  for (const problem of report.problems) expect(problem.hint.length).toBeGreaterThan(20);
  const table = parse(rejects) as string[][];
  expect(table[0]).toEqual(["line", "reason", "raw"]);
  expect(table).toHaveLength(8);
  expect(table.find((row) => row[0] === "26")?.[2]).toMatch(/^'=cmd/);
});

test.each([
  ["two rows", "text,label\nhello,a\nbye,b\n", "rows_too_few"],
  ["one class", csvOf([["text", "label"], ...plainRows().map(([text]) => [text, "same"])]), "one_class"],
  [
    "labels all different",
    csvOf([["text", "label"], ...plainRows().map(([text], n) => [text, `answer ${n}`])]),
    "labels_all_distinct",
  ],
])("%s: refused, and the refusal leads the list of problems", async (_, content, code) => {
  const { refusal, report } = await whole("x.csv", content);
  expect(refusal?.code).toBe(code);
  expect(report.problems[0]).toMatchObject({ kind: code, severity: "error", hint: refusal?.message });
  expect(report.rows).toBe(report.accepted + report.setAside);
});

test("an unknown column is named together with the columns there are", async () => {
  const { refusal } = await whole("x.csv", goodCsv(), {}, { columns: { text: "body", label: "label" } });
  expect(refusal).toMatchObject({ code: "column_unknown", param: "body" });
  expect(refusal?.message).toMatch(/text, label/);
  const none = await whole("x.csv", goodCsv(), {}, { columns: { text: "text" } });
  expect(none.refusal).toMatchObject({ code: "column_unknown", param: "label" });
});

test("a person's reading overrules what was found", async () => {
  const { profile, report } = await whole("x.csv", goodCsv(), { hasHeader: false });
  expect(profile.reading.hasHeader).toBe(false);
  expect(report.rows).toBe(21);
});

test("validation rows that are also in the training file are leakage, labels it does not know are named", async () => {
  await whole("train.csv", goodCsv());
  const trainingRowsPath = join(dir, "training.ndjson");
  await copyFile(join(dir, "rows.ndjson"), trainingRowsPath);
  const rows = [
    ["Where is my parcel since day 0?", "delivery"],
    ["something else", "money"],
    ["new", "unheard of"],
  ];
  const { report, refusal, kinds } = await whole(
    "valid.csv",
    csvOf([["text", "label"], ...rows]),
    {},
    { trainingRowsPath },
  );
  expect(refusal).toBeNull();
  expect(report.leakage).toBe(1);
  expect(kinds.leakage?.lines).toEqual([2]);
  expect(kinds.label_unknown?.lines).toEqual([4]);
});

test("tab-separated speech with bare quotes keeps every row", async () => {
  const rows = plainRows(30).map(([text, label], n) => [n % 3 === 0 ? `"${text}" he said` : text, label]);
  rows[7] = ['"so it goes', "money"];
  rows[9] = ['and then "it ended"', "money"];
  const { report, rows: read } = await whole("x.tsv", csvOf(rows, "\t"));
  expect(report).toMatchObject({ rows: 30, accepted: 30 });
  expect(read[7]?.input).toBe('"so it goes');
});

test("whatever the bytes, the counts add up", async () => {
  const line = fc.array(fc.constantFrom("a", "b,", '"', ",", " ", "x,y", '"q"', "\u0007", "\ufffd", "\r"), {
    maxLength: 8,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(line, { maxLength: 30 }), async (lines) => {
      const text = `text,label\nfine,one\nwell,two\n${lines.map((parts) => parts.join("")).join("\n")}\n`;
      const { report, rows, rejects, kinds } = await whole("g.csv", text, {
        hasHeader: true,
        delimiter: ",",
      });
      expect(report.rows).toBe(report.accepted + report.setAside);
      expect(rows).toHaveLength(report.accepted);
      expect((parse(rejects) as string[][]).length - 1).toBe(report.setAside);
      const isRefusal = (kind: string) => /^(rows_too_few|one_class|labels_all_distinct)$/.test(kind);
      const errors = Object.values(kinds).filter((one) => one.severity === "error" && !isRefusal(one.kind));
      expect(errors.reduce((sum, one) => sum + one.count, 0)).toBe(report.setAside);
      for (const one of Object.values(kinds).filter(({ kind }) => !isRefusal(kind)))
        expect(one.lines).toHaveLength(Math.min(100, one.count));
      expect(report.classes.reduce((sum, one) => sum + one.rows, 0)).toBe(report.accepted);
    }),
    { numRuns: 60 },
  );
});

test("60 MB are checked in memory that does not follow the file's size", async () => {
  const path = join(dir, "large.csv");
  const stream = createWriteStream(path);
  stream.write("text,label\n");
  const filler = "a rather long complaint about a parcel that never came ".repeat(4);
  for (let n = 0; n < 250_000; ) {
    let piece = "";
    for (let i = 0; i < 1000; i++, n++) piece += `"${filler} ${n}",class ${n % 7}\n`;
    if (!stream.write(piece)) await new Promise<void>((done) => stream.once("drain", () => done()));
  }
  await new Promise<void>((done) => stream.end(() => done()));
  expect(statSync(path).size).toBeGreaterThan(55e6);
  let peak = 0;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss());
  }, 20);
  const before = process.memoryUsage.rss();
  const shares: number[] = [];
  const { report } = await readWholeLight(path, (share) => shares.push(share));
  clearInterval(watch);
  expect(report).toMatchObject({ rows: 250_000, accepted: 250_000, duplicates: { exact: 0, near: 0 } });
  expect(Math.round((peak - before) / 1e6)).toBeLessThan(160);
  expect(shares.at(-1)).toBe(1);
});

/** As `readWhole`, without reading the results back. */
async function readWholeLight(path: string, onProgress: (share: number) => void) {
  const { inspectFile } = await import("./inspect");
  const { checkFile } = await import("./check");
  const { textClassification } = await import("../tasks/text-classification");
  const { reading, guess } = await inspectFile(path, path);
  const out = {
    rowsPath: join(dir, "l.ndjson"),
    rejectsPath: join(dir, "l.csv"),
    workDir: join(dir, "work"),
  };
  return checkFile({
    path,
    reading,
    columns: guess.columns,
    roles: textClassification.roles,
    ...out,
    onProgress,
  });
}
