import { expect, test } from "vitest";
import { DivergedError } from "../train/diverged";
import { chooseRecipe } from "./choose-recipe";
import { orNextBest } from "./or-next-best";

const candidates = ["lexical", "wide", "lora"].map((id, at) => ({ recipe: { id }, score: at / 10 }));
const choose = (left: readonly (typeof candidates)[number][]) =>
  chooseRecipe(left, (one, other) => ({ value: one.score - other.score, low: 0, high: 1, error: 0.01 }));

/** The fit that came to an end where some recipes' fits diverge, with what was said. */
async function conclude(recipe: string, diverging: readonly string[]) {
  const said: string[] = [];
  const log = (level: string, message: string) => void said.push(`${level}: ${message}`);
  const left = recipe === "auto" ? candidates : candidates.filter((one) => one.recipe.id === recipe);
  const choice = await orNextBest(left, { recipe }, { log }, choose, async (made) => {
    if (diverging.includes(made.chosen.recipe.id)) throw new DivergedError("the loss became NaN at step 9");
    return made;
  });
  return { id: choice.chosen.recipe.id, sentence: choice.sentence, difference: choice.difference, said };
}

test("under auto a candidate that diverges after the comparison gives way to the next best, and both are said", async () => {
  const sentence = "wide was chosen because the last fit of lora does not settle on these rows.";
  expect(await conclude("auto", ["lora"])).toEqual({
    id: "wide",
    sentence,
    difference: null,
    said: [
      "info: lora was chosen because it is 10.0 points better than wide on rows that neither had seen.",
      "warn: lora was dropped: its last fit does not settle on these rows",
      `info: ${sentence}`,
    ],
  });
  expect(await conclude("auto", ["lora", "wide"])).toMatchObject({
    id: "lexical",
    sentence: "lexical was chosen because the last fit of lora and wide does not settle on these rows.",
  });
});

test("where nothing diverges the choice is the comparison's", async () => {
  expect(await conclude("auto", [])).toMatchObject({ id: "lora", said: [expect.stringMatching(/^info/)] });
});

test("a recipe that was asked for by name, or the last one left, fails with its reason", async () => {
  const reason = { code: "training_diverged" };
  await expect(conclude("lora", ["lora"])).rejects.toMatchObject(reason);
  await expect(conclude("auto", ["lexical", "wide", "lora"])).rejects.toMatchObject(reason);
});
