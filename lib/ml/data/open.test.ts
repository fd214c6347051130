import iconv from "iconv-lite";
import { expect, test } from "vitest";
import { csvOf, goodCsv, plainRows, readWhole, testFolder, zip } from "./fixtures";
import { inspectFile } from "./inspect";

const { dir, put } = testFolder();
const codeOf = (content: string | Uint8Array, name = "x.csv") =>
  inspectFile(put(name, content), name).then(
    () => "read",
    (error: { code: string; name: string }) => `${error.name} ${error.code}`,
  );

const german = csvOf([
  ["text", "label"],
  ...plainRows().map(([text, label]) => [`Grüße – ${text} für 5 €`, label]),
]);
const french = csvOf(
  plainRows().map(([text, label]) => [
    `déjà reçu à l'été, s’il vous plaît ${text}`.replaceAll(",", ""),
    label,
  ]),
);
const chinese = csvOf([
  ["文本", "标签"],
  ...plainRows().map((_, n) => [
    `你好，我的第${n}个包裹还没有收到，请问什么时候可以送到？`.replaceAll(",", "，"),
    n % 2 ? "物流" : "退款",
  ]),
]);
const russian = csvOf([
  ["text", "label"],
  ...plainRows().map(([, label], n) => [`Здравствуйте, где мой заказ номер ${n}`.replaceAll(",", ""), label]),
]);

test.each([
  ["utf-8", german, iconv.encode(german, "utf-8")],
  ["utf-8", german, iconv.encode(german, "utf-8", { addBOM: true })],
  ["utf-16le", chinese, iconv.encode(chinese, "utf-16le", { addBOM: true })],
  ["utf-16be", german, iconv.encode(german, "utf-16be", { addBOM: true })],
  ["utf-16le", german, iconv.encode(german, "utf-16le", { addBOM: false })],
  ["windows-1252", german, iconv.encode(german, "windows-1252")],
  ["windows-1252", french, iconv.encode(french, "windows-1252")],
  ["gb18030", chinese, iconv.encode(chinese, "gb18030")],
  ["windows-1251", russian, iconv.encode(russian, "windows-1251")],
])("text in %s is found and decoded", async (encoding, text, bytes) => {
  const { profile, rows, report } = await readWhole(dir, put("x.csv", bytes));
  expect(profile.reading.encoding).toBe(encoding);
  expect(report).toMatchObject({ rows: 20, accepted: 20 });
  expect(rows[3]?.input).toBe(text.split("\n")[profile.reading.hasHeader ? 4 : 3]?.split(",")[0]);
});

test("one pound sign after a megabyte of English is still found", async () => {
  const text = `${goodCsv(40_000)}that was £5 too much,money\n`;
  const { profile, rows } = await readWhole(dir, put("late.csv", iconv.encode(text, "windows-1252")));
  expect(profile.reading.encoding).toBe("windows-1252");
  expect(rows.at(-1)?.input).toBe("that was £5 too much");
});

test("UTF-8 with one damaged place stays UTF-8, and the damage is reported by line", async () => {
  const text = Buffer.from(german);
  const at = text.indexOf("ü", text.indexOf("day 7"));
  text[at + 1] = 0x20;
  const { profile, kinds, report } = await readWhole(dir, put("hurt.csv", text));
  expect(profile.reading.encoding).toBe("utf-8");
  expect(kinds.character_lost).toMatchObject({ count: 1, severity: "warning" });
  expect(report.setAside).toBe(0);
});

test("bytes that make no text in any encoding are refused", async () => {
  const bytes = Buffer.concat([
    Buffer.from(goodCsv()),
    Buffer.from([0x20, 0xff, 0xfe, 0xfd, 0xff, 0x2c, 0x61, 0x0a]),
  ]);
  expect(await codeOf(bytes)).toBe("TrainingError encoding_invalid");
  expect(await codeOf(Buffer.from([0xff, 0xfe, 0x61]))).toBe("TrainingError encoding_invalid");
  await expect(inspectFile(put("x.csv", goodCsv()), "x.csv", { encoding: "klingon" })).rejects.toMatchObject({
    code: "encoding_invalid",
    param: "encoding",
  });
});

test.each([
  ["an empty file", "", "file_empty"],
  ["blank lines", "\n\r\n  \n", "file_empty"],
  ["a mark and nothing else", "\ufeff", "file_empty"],
  ["a header and no rows", "text,label\n", "header_missing"],
  ["a duplicate header", goodCsv().replace("text,label", "text,text"), "header_duplicate"],
  ["a zero byte", goodCsv().replace("day 7", "day\0 7"), "file_binary"],
  ["a picture", Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13]), "file_binary"],
  ["an old workbook", Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1, 0xb1, 0x1a, 0xe1, 0, 0]), "file_binary"],
  ["control characters", Buffer.alloc(4000, "\u0001\u0002a"), "file_binary"],
])("%s is refused as what it is", async (_, content, code) => {
  expect(await codeOf(content)).toBe(`TrainingError ${code}`);
});

test("a zip of one file is read, folders and what macOS adds are ignored", async () => {
  const archive = zip({
    "data/": "",
    "data/rows.tsv": goodCsv().replaceAll(",", "\t"),
    "__MACOSX/data/._rows.tsv": "x",
  });
  const { profile, report } = await readWhole(dir, put("a.zip", archive));
  expect(profile.reading).toMatchObject({ format: "csv", delimiter: "\t", member: "data/rows.tsv" });
  expect(report.accepted).toBe(20);
});

function patch(archive: Uint8Array, signature: string, offset: number, value: number): Uint8Array {
  const bytes = Buffer.from(archive);
  bytes.writeUInt32LE(value, bytes.indexOf(signature, "latin1") + offset);
  return bytes;
}

test.each([
  ["two files", zip({ "a.csv": goodCsv(), "b.csv": goodCsv() }), "archive_many_files"],
  ["no file", zip({}), "file_empty"],
  ["an empty file", zip({ "a.csv": "" }), "file_empty"],
  ["a path that climbs out", zip({ "../../a.csv": goodCsv() }), "archive_unsafe"],
  ["an absolute path", zip({ "/etc/a.csv": goodCsv() }), "archive_unsafe"],
  ["an archive in the archive", zip({ "a.zip": zip({ "a.csv": goodCsv() }) }), "archive_unsafe"],
  ["a bomb", zip({ "a.csv": new Uint8Array(60_000_000).fill(97) }), "archive_unsafe"],
  [
    "a bomb that lies about its size",
    patch(zip({ "a.csv": new Uint8Array(30_000_000).fill(97) }), "PK\u0001\u0002", 24, 1000),
    "archive_unsafe",
  ],
  ["a password", patch(zip({ "a.csv": goodCsv() }), "PK\u0001\u0002", 8, 0x00080001), "archive_unsafe"],
  ["a link", patch(zip({ "a.csv": "/etc/passwd" }), "PK\u0001\u0002", 38, 0xa1ff0000), "archive_unsafe"],
  ["half of itself", zip({ "a.csv": goodCsv(2000) }).slice(0, 2000), "archive_unsafe"],
  ["a picture", zip({ "a.csv": Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 1]) }), "file_binary"],
])("a zip with %s is refused", async (_, archive, code) => {
  expect(await codeOf(archive, "x.zip")).toBe(`TrainingError ${code}`);
});
