import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { readSheet } from "read-excel-file/node";
import { expect, test } from "vitest";
import { sheetRowsOf, testFolder, workbook } from "./fixtures";
import { labelFile as labelAny } from "./label-file";

const { dir, put } = testFolder();

/** Says how long the text is, so that every answer can be traced to its row. */
function model(chunks: number[] = []) {
  return async (rows: (string | Record<string, string>)[]) => {
    chunks.push(rows.length);
    return rows.map((row) => {
      const { length } = typeof row === "string" ? row : Object.values(row).join("+");
      return [`n${length}`, 0.9877, length > 40 ? "yes" : "no"];
    });
  };
}
type Order = Parameters<typeof labelAny>[0];
const labelFile = (order: Omit<Order, "roles" | "added"> & Partial<Pick<Order, "roles">>) =>
  labelAny({ roles: ["text"], added: ["label", "confidence", "out_of_scope"], ...order });

const read = (path: string) => parse(readFileSync(path), { bom: true }) as string[][];

test("every row comes back in its place, in chunks of 256, empty ones with empty answers", async () => {
  const texts = Array.from({ length: 600 }, (_, n) => (n % 50 === 3 ? "" : `text number ${n}`));
  const path = put("x.csv", `id,text\n${texts.map((text, n) => `${n},${text}\n`).join("")}`);
  const chunks: number[] = [];
  const outPath = join(dir, "out.csv");
  const done = await labelFile({ path, filename: "x.csv", outPath, format: "csv", predict: model(chunks) });
  expect(done).toEqual({ rows: 600, columns: { text: "text" } });
  expect(Math.max(...chunks)).toBeLessThanOrEqual(256);
  const [header, ...rows] = read(outPath);
  expect(header).toEqual(["id", "text", "label", "confidence", "out_of_scope"]);
  expect(rows).toEqual(
    texts.map((text, n) =>
      text === "" ? [String(n), "", "", "", ""] : [String(n), text, `n${text.length}`, "0.9877", "no"],
    ),
  );
});

test("no cell of the answer runs in a spreadsheet, broken rows are kept, a label column of the customer's stays", async () => {
  const path = put(
    "x.csv",
    'text,label\n=HYPERLINK("http://x"),a\n"never closed,b\n@cmd,c\nplain text here,d\n',
  );
  const outPath = join(dir, "safe.csv");
  const { rows } = await labelFile({ path, filename: "x.csv", outPath, format: "csv", predict: model() });
  expect(rows).toBe(4);
  const table = read(outPath);
  expect(table[0]).toEqual(["text", "label", "predicted_label", "confidence", "out_of_scope"]);
  expect(table[1]?.[0]).toBe('\'=HYPERLINK("http://x")');
  expect(table[2]).toEqual(['"never closed,b', "", "", "", ""]);
  expect(table[3]?.[0]).toBe("'@cmd");
  expect(table.flat().filter((cell) => /^[=@+]/.test(cell))).toEqual([]);
});

test("a workbook comes back as a workbook that another program reads", async () => {
  const rows = [
    ["Nr", "Kommentar"],
    ["1", "=1+1 ist kein Text"],
    ["2", ""],
    ["3", "Größe passt nicht, bitte zurück"],
  ];
  const path = put("x.xlsx", workbook([{ name: "S", rows: sheetRowsOf(rows) }]));
  const outPath = join(dir, "out.xlsx");
  const done = await labelFile({ path, filename: "x.xlsx", outPath, format: "xlsx", predict: model() });
  expect(done).toEqual({ rows: 3, columns: { text: "Kommentar" } });
  expect(await readSheet(outPath)).toEqual([
    ["Nr", "Kommentar", "label", "confidence", "out_of_scope"],
    ["1", "=1+1 ist kein Text", "n18", 0.9877, "no"],
    ["2", null, null, null, null],
    ["3", "Größe passt nicht, bitte zurück", "n31", 0.9877, "no"],
  ]);
});

test("texts without any header or second column, JSON lines, and a wrong column name", async () => {
  const one = put("x.txt", "Where is my parcel, please?\nThe kettle is broken, sadly.\nI cannot sign in.\n");
  const outPath = join(dir, "one.csv");
  expect(await labelFile({ path: one, filename: "x.txt", outPath, format: "csv", predict: model() })).toEqual(
    {
      rows: 3,
      columns: { text: "column_1" },
    },
  );
  expect(read(outPath)[1]?.slice(0, 2)).toEqual(["Where is my parcel, please?", "n27"]);
  const lines = put("x.jsonl", '{"id":1,"body":"hello there friend"}\n{"id":2,"body":"what is this"}\n');
  await labelFile({ path: lines, filename: "x.jsonl", outPath, format: "csv", predict: model() });
  expect(read(outPath)[2]).toEqual(["2", "what is this", "n12", "0.9877", "no"]);
  const wrong = labelFile({
    path: lines,
    filename: "x",
    outPath,
    format: "csv",
    columns: { text: "nope" },
    predict: model(),
  });
  await expect(wrong).rejects.toMatchObject({ code: "column_unknown", param: "nope", message: /id, body/ });
});

test("a task of two texts finds its columns by name or by what looks like text, and leaves half rows empty", async () => {
  const path = put("x.csv", "id,left,right\n1,one long text here,another text\n2,only the left side,\n");
  const outPath = join(dir, "pairs.csv");
  const order = { path, filename: "x.csv", outPath, format: "csv", predict: model() } as const;
  const done = await labelFile({ ...order, roles: ["text", "text_b"] });
  expect(new Set(Object.values(done.columns))).toEqual(new Set(["left", "right"]));
  expect(read(outPath).map((row) => row[3])).toEqual(["label", "n31", ""]);
  expect((await labelFile({ ...order, roles: ["right", "left"] })).columns).toEqual({
    right: "right",
    left: "left",
  });
});
