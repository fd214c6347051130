import { expect, test } from "vitest";
import type { Tokenize } from "../task";
import { alignTokens, quoteSpans, wordsOf } from "./words";

const quote = (text: string) => wordsOf(text).map(({ start, end }) => text.slice(start, end));

test("words are found in languages without spaces too, and symbols that speak are words", () => {
  expect(quote("Please refund £20, it's late!")).toEqual(["Please", "refund", "£", "20", "it's", "late"]);
  expect(quote("申请退款，谢谢")).toEqual(["申请", "退款", "谢谢"]);
  expect(quote("so bad 😡")).toEqual(["so", "bad", "😡"]);
  expect(quote(" … ")).toEqual([]);
});

test("places are counted in code points", () => {
  const text = "😀😀 bad 😡 day";
  const points = [...text];
  for (const { start, end, text: quoted } of quoteSpans(text, wordsOf(text)))
    expect(points.slice(start, end).join("")).toBe(quoted);
});

/** Parts as BERT does (spaces, punctuation, Han characters), then into pieces of at most four letters. */
const tokenize: Tokenize = (text) => {
  const parts = text.match(/\p{Script=Han}|[\p{L}\p{N}\p{M}]+|[^\s]/gu) ?? [];
  const pieces = parts.flatMap((part) => part.match(/.{1,4}/gsu) ?? []);
  const ids = [
    1,
    ...pieces.map((piece) => [...piece].reduce((h, c) => h * 31 + (c.codePointAt(0) ?? 0), 7)),
    2,
  ];
  return { ids: Int32Array.from(ids.slice(0, 12)), truncated: ids.length > 12 };
};
const aligned = (text: string) =>
  alignTokens(text, tokenize).map(({ start, end, from, to }) => [text.slice(start, end), from, to]);

test("a word has its own tokens, and punctuation is in no word", () => {
  expect(aligned("(Please) refund £20!")).toEqual([
    ["Please", 2, 4],
    ["refund", 5, 7],
    ["£", 7, 8],
    ["20", 8, 9],
  ]);
  expect(aligned("申请退款")).toEqual([
    ["申请", 1, 3],
    ["退款", 3, 5],
  ]);
  expect(aligned(" ")).toEqual([]);
});

test("where the tokenizer sees one word and we see two, it is one", () => {
  // Kana is not parted by the tokenizer; a dictionary parts it.
  const [first, ...others] = aligned("ありがとうございます ok");
  expect(first?.[0]).toBe("ありがとうございます");
  expect(others).toEqual([["ok", 4, 5]]);
});

test("words beyond the base's last token have none", () => {
  const words = aligned("one two three four five six seven eight nine ten eleven twelve thirteen");
  for (const [, from, to] of words) expect(Number(to)).toBeLessThanOrEqual(Math.max(11, Number(from)));
  expect(words.at(-1)?.[2]).toBe(11);
});
