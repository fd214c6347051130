import { expect, test } from "vitest";
import { leaveOutColumns, leaveOutWordsOfEach } from "./leave-out";

test("of two texts each word is left out once while the other text stays whole", () => {
  const { parts, variants } = leaveOutWordsOfEach({ question: "how much?", context: "two 😀 litres" });
  expect(parts.words.map(({ role, start, end, text }) => [role, start, end, text])).toEqual([
    ["question", 0, 3, "how"],
    ["question", 4, 8, "much"],
    ["context", 0, 3, "two"],
    ["context", 4, 5, "😀"],
    ["context", 6, 12, "litres"],
  ]);
  expect(variants[0]).toEqual({ question: " much?", context: "two 😀 litres" });
  expect(variants[4]).toEqual({ question: "how much?", context: "two 😀 " });
});

test("a column is set to what is usual there, to nothing only where it is mostly empty; one that a row lacks is empty", () => {
  const columns = [
    { name: "age", kind: "number" as const, values: [], usual: 41 },
    { name: "note", kind: "category" as const, values: ["vip"], usual: null },
    { name: "plan", kind: "category" as const, values: ["basic"], usual: "basic" },
  ];
  const { parts, variants } = leaveOutColumns(columns, { age: 20, note: "vip" });
  expect(parts).toEqual({
    words: [],
    columns: [
      { name: "age", value: 20, usual: 41 },
      { name: "note", value: "vip", usual: null },
      { name: "plan", value: null, usual: "basic" },
    ],
  });
  expect(variants).toEqual([
    { age: 41, note: "vip" },
    { age: 20, note: null },
    { age: 20, note: "vip", plan: "basic" },
  ]);
});
