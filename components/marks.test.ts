import { expect, test } from "vitest";
import { type Mark, type NestedMark, nestMarks } from "./marks";

const TEXT = "since 14.09. in Leeds";
const marked = (...pieces: [piece: string, label: string][]) =>
  nestMarks(
    pieces.map(([piece, label]): Mark => {
      const start = TEXT.indexOf(piece);
      return { start, end: start + piece.length, label, tone: "plain" };
    }),
  );
const said = ({ start, end, label, within }: NestedMark): unknown[] => [
  TEXT.slice(start, end),
  label,
  ...within.map(said),
];

test("a mark within another is whole, and so is the one around it", () => {
  expect(marked(["14.09", "wrong"], ["14.09.", "missed"], ["Leeds", "right"]).map(said)).toEqual([
    ["14.09.", "missed", ["14.09", "wrong"]],
    ["Leeds", "right"],
  ]);
});

test("two marks of the same piece stand in each other", () => {
  expect(marked(["Leeds", "place"], ["Leeds", "name"]).map(said)).toEqual([
    ["Leeds", "place", ["Leeds", "name"]],
  ]);
});

test("of marks that only overlap the later begins where the earlier ends, whatever else stands there", () => {
  expect(marked(["since 14", "a"], ["14.09. in", "b"], ["14.09.", "c"], ["14", "d"]).map(said)).toEqual([
    ["since 14", "a", ["14", "d"]],
    [".09. in", "b", [".09.", "c"]],
  ]);
});
