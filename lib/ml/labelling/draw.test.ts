import { once } from "node:events";
import { createWriteStream, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { finished } from "node:stream/promises";
import { afterAll, expect, test } from "vitest";
import { type DrawnText, drawTexts } from "./draw";

const dir = mkdtempSync(join(tmpdir(), "graft-draw-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

const order = (path: string, labelColumn: string | null = null) => ({
  path,
  filename: "texts.csv",
  reading: {},
  textColumn: "text",
  labelColumn,
  classes: ["a", "b"],
  outPath: join(dir, "out.ndjson"),
});
const drawnTexts = () =>
  readFileSync(join(dir, "out.ndjson"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as DrawnText);

async function write(rows: Iterable<string>): Promise<string> {
  const path = join(dir, "in.csv");
  const out = createWriteStream(path);
  out.write("text,label\n");
  let piece = "";
  for (const row of rows) {
    piece += `${row}\n`;
    if (piece.length < 1 << 20) continue;
    if (!out.write(piece)) await once(out, "drain");
    piece = "";
  }
  out.end(piece);
  await finished(out);
  return path;
}

test("equal texts are one with their number, empty and endless ones are left out, foreign labels are counted", async () => {
  const path = await write([
    ...["one,a", "two,", "one,", "one,", ",b", "   ,", "three,spam", `${"x".repeat(20_001)},`],
  ]);
  expect(await drawTexts(order(path, "label"))).toEqual({
    ...{ rows: 8, unusable: 3, texts: 3, isPart: false, labelled: 1, foreign: 1 },
  });
  const found = drawnTexts().sort((a, b) => a.line - b.line);
  expect(found).toEqual([
    { text: "one", line: 2, copies: 3, label: "a" },
    { text: "two", line: 3, copies: 1, label: null },
    { text: "three", line: 8, copies: 1, label: null },
  ]);
});

test("the order has nothing to do with the file's, and is the same for the same texts", async () => {
  const rows = Array.from({ length: 300 }, (_, n) => `text number ${n},`);
  await drawTexts(order(await write(rows)));
  const first = drawnTexts().map(({ text }) => text);
  await drawTexts(order(await write([...rows].reverse())));
  expect(drawnTexts().map(({ text }) => text)).toEqual(first);
  // Of a random order about half of the neighbours are ascending.
  const numbers = first.map((text) => Number(text.split(" ")[2]));
  const rising = numbers.filter((n, at) => at > 0 && n > (numbers[at - 1] ?? 0)).length;
  expect(rising).toBeGreaterThan(110);
  expect(rising).toBeLessThan(190);
});

test("of a file that is far too large a uniform part is drawn, with every copy of it counted, in little memory", async () => {
  const [different, most] = [400_000, 2000];
  function* rows() {
    for (let copy = 0; copy < 2; copy++)
      for (let n = 0; n < different; n++) yield `a message with the number ${n} in it,`;
  }
  const path = await write(rows());
  global.gc?.();
  const before = process.memoryUsage().heapUsed;
  const drawn = await drawTexts(order(path), most);
  expect(process.memoryUsage().heapUsed - before).toBeLessThan(150e6);
  expect(drawn).toMatchObject({ rows: 2 * different, texts: most, isPart: true });
  const found = drawnTexts();
  expect(found.every(({ copies }) => copies === 2)).toBe(true);
  // Mean of the uniform distribution, within five of its standard errors.
  const mean = found.reduce((sum, { line }) => sum + line, 0) / most / different;
  expect(Math.abs(mean - 0.5)).toBeLessThan((5 * Math.sqrt(1 / 12)) / Math.sqrt(most));
}, 120_000);

test("a column that is not there, and a file without one text in it, are refused with words", async () => {
  const path = await write(["one,a"]);
  await expect(drawTexts({ ...order(path), textColumn: "words" })).rejects.toMatchObject({
    code: "column_unknown",
    message: expect.stringContaining("text, label"),
  });
  writeFileSync(join(dir, "empty.csv"), "text,label\n,a\n,b\n");
  await expect(drawTexts(order(join(dir, "empty.csv")))).rejects.toMatchObject({ code: "file_empty" });
});
