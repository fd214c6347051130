import { expect, test } from "vitest";
import { cachedBase } from "../../bases.fixture";
import type { Tokenize } from "../task";
import { openTokenizer } from "./tokenizer";
import { cutWindows, gatherWords } from "./windows";
import { createWordSplitter } from "./words";

const base = await cachedBase();
const TEXTS = [
  "@paulwalk It's the view from where I'm living; Empire State Building = ESB.",
  "naïve café e\u0301tude, zero\u200bwidth, nbsp\u00a0here, bell\u0007here, ½ ² ™",
  "😀 👨‍👩‍👧 #hash_tag $5.20 C++ (2-3) https://x.example/a?b=c",
  "北京很大, ひらがな カタカナ 한국어 ไทยภาษา العربية Größe a\u0300\u0301b x\u2028y",
];

test.skipIf(!base)(
  "the pieces of the words in a row are those of the whole text, and every word is where it says",
  async () => {
    const tokenize = await openTokenizer(base?.dir ?? "", 256);
    const split = createWordSplitter(tokenize);
    for (const text of TEXTS) {
      const { spans, pieces } = split(text);
      expect(pieces.flatMap((own) => [...own])).toEqual([...tokenize(text).ids.slice(1, -1)]);
      for (const [i, { start, end }] of spans.entries()) {
        expect(text.slice(start, end)).not.toMatch(/\s/);
        expect(start).toBeGreaterThanOrEqual(spans[i - 1]?.end ?? 0);
      }
    }
  },
);

/** Each word has as many pieces as its number says, and its place as their id. */
const tokenize: Tokenize = (word) => ({
  ids: Int32Array.from([0, ...new Array(Number(word)).fill(Number(word)), 0]),
  truncated: false,
});

test("windows hold what fits, overlap by half, and answer every word once", () => {
  const words = createWordSplitter(tokenize)("2 1 3 1 1 2 4 1 1 2 1 1 3 1 2 1 9 1 2");
  const options = { maxTokens: 8, before: Int32Array.of(100), after: Int32Array.of(101) };
  const windows = cutWindows(words, options);
  const answered = windows.flatMap(({ ownFrom, ownTo }) =>
    Array.from({ length: ownTo - ownFrom }, (_, i) => ownFrom + i),
  );
  expect(answered).toEqual(words.spans.map((_, word) => word));
  for (const { ids, from, to, ownFrom, ownTo, firsts } of windows) {
    expect(ids.length).toBeLessThanOrEqual(8);
    expect([ids[0], ids.at(-1)]).toEqual([100, 101]);
    expect(from <= ownFrom && ownTo <= to && firsts.length === to - from).toBe(true);
  }
  // Read back by the first piece of each word.
  const states = windows.map(({ ids }) => Float32Array.from(ids));
  expect([...gatherWords(windows, states, 1)]).toEqual(words.pieces.map(([first]) => first));
});

test("a text without words has no windows", () => {
  const words = createWordSplitter(tokenize)(" \n ");
  expect(cutWindows(words, { maxTokens: 8, before: Int32Array.of(1), after: Int32Array.of(2) })).toEqual([]);
  expect(gatherWords([], [], 4)).toHaveLength(0);
});
