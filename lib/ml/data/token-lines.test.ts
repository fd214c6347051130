import { expect, test } from "vitest";
import type { RawRow } from "./row";
import { looksLikeTokens, tokenRows } from "./token-lines";

async function read(text: string): Promise<RawRow[]> {
  const rows: RawRow[] = [];
  async function* pieces() {
    yield text;
  }
  for await (const batch of tokenRows(pieces())) rows.push(...batch);
  return rows;
}
const spansOf = (row: RawRow | undefined) => JSON.parse(row?.cells[1] ?? "null");

test("sentences become texts with spans, offsets in code points", async () => {
  const [first, second] = await read(
    "😀\tO\nEmpire\tB-location\nState\tI-location\nis\tO\ntall\tO\n\nAna\tB-person\nBob\tB-person\n",
  );
  expect([first?.line, first?.cells[0]]).toEqual([1, "😀 Empire State is tall"]);
  expect(spansOf(first)).toEqual([{ start: 2, end: 14, label: "location" }]);
  expect([second?.line, second?.cells[0]]).toEqual([7, "Ana Bob"]);
  expect(spansOf(second)).toEqual([
    { start: 0, end: 3, label: "person" },
    { start: 4, end: 7, label: "person" },
  ]);
});

test("BIOES, a span that begins with I, columns in between and document marks are read", async () => {
  const rows = await read(
    "-DOCSTART- -X- O\n\nU.N. NNP I-ORG\nchief NN O\nKofi NNP B-PER\nAnnan NNP E-PER\nParis NNP S-LOC\nRome NNP S-LOC\n",
  );
  expect(rows).toHaveLength(1);
  expect(rows[0]?.cells[0]).toBe("U.N. chief Kofi Annan Paris Rome");
  expect(spansOf(rows[0]).map(({ label }: { label: string }) => label)).toEqual(["ORG", "PER", "LOC", "LOC"]);
});

test("characters of a script without spaces stand together", async () => {
  const [row] = await read("北 B-LOC\n京 I-LOC\n很 O\n大 O\n");
  expect(row?.cells[0]).toBe("北京很大");
  expect(spansOf(row)).toEqual([{ start: 0, end: 2, label: "LOC" }]);
});

test("a sentence with a tag of no known scheme is set aside", async () => {
  const rows = await read("Ana\tPER\nruns\tO\n\nBob\tB-PER\n");
  expect(rows.map(({ problem }) => problem)).toEqual(["tag_unknown", undefined]);
});

test("token files are told apart from tables", () => {
  expect(looksLikeTokens(["a\tO", "b\tB-x", "c\tO"])).toBe(true);
  expect(looksLikeTokens(["text\tlabel", "I like it\tgood", "no\tbad"])).toBe(false);
});
