import { expect, test } from "vitest";
import { head } from "../recipes/head";
import { lexical } from "../recipes/lexical";
import { lora } from "../recipes/lora";
import type { TextRecipe } from "../recipes/text-recipe";
import { choose } from "./text-classification.choose";

/** A candidate that is right on a share of the rows from one on. */
const rightOn = (recipe: TextRecipe, share: number, rows: number, from: number) => ({
  recipe,
  isRight: Array.from({ length: rows }, (_, row) => (row + from) % rows < share * rows),
});
const compare = (shares: [number, number, number], rows: number, isForeign = false) => {
  const [one, two, three] = shares;
  const candidates = [
    rightOn(lexical, one, rows, 0),
    rightOn(head, two, rows, rows / 4),
    rightOn(lora, three, rows, rows / 2),
  ];
  const { chosen, sentence } = choose(candidates, isForeign);
  return { recipe: chosen.recipe.id, sentence };
};

test("with 16 rows a lead of one row does not beat what is known of other datasets, and the sentence says so", () => {
  expect(compare([0.75, 0.6875, 0.6875], 16)).toEqual({
    recipe: "lora",
    sentence:
      "lora was chosen because it does better on other datasets: with so few rows, the 6.3 points by which lexical was ahead here tell nothing.",
  });
});

test("a clear lead wins with few rows too", () => {
  expect(compare([0.9, 0.5, 0.5], 100).recipe).toBe("lexical");
});

test("what is within a standard error is given away for a cheaper recipe up to half a point, not the gain of tuning", () => {
  expect(compare([0.5, 0.7, 0.73], 200, true).recipe).toBe("lora");
  expect(compare([0.5, 0.7, 0.704], 1000, true).recipe).toBe("head");
});

test("with thousands of rows experience weighs nothing: the cheapest that is as good is taken", () => {
  expect(compare([0.95, 0.951, 0.951], 5000).recipe).toBe("lexical");
  expect(compare([0.9, 0.94, 0.98], 5000)).toEqual({
    recipe: "lora",
    sentence: "lora was chosen because it is 4.0 points better than head on rows that neither had seen.",
  });
});

test("experience with languages that the base knows does not count in a script that it was hardly taught", () => {
  expect(compare([0.75, 0.6875, 0.6875], 16, true).recipe).toBe("lexical");
});
