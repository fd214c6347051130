import type { TextRecipe } from "../recipes/text-recipe";
import { pairedDifference } from "../report/metrics";
import { type Choice, chooseRecipe } from "./choose-recipe";

/** A recipe, and of each training row whether a model that had not seen it was right. */
interface Compared {
  recipe: TextRecipe;
  isRight: readonly boolean[];
}

/**
 * What is known of other datasets counts like so many rows of this one: 16 rows of one's own tell 8 points apart only
 * by luck, 5,000 rows need nobody's experience. The spread of the gains over datasets is about 4 points and that of
 * one row's difference about 40, so (40 / 4)² rows say as much as experience does.
 */
const EXPERIENCE_ROWS = 100;

/**
 * The one that is expected to do best, by the rows and by experience with other datasets, or the cheapest that is as
 * good. `isForeign` says that the base does not know the language of the rows: then experience with languages that it
 * knows is none.
 */
export function choose<C extends Compared>(candidates: readonly C[], isForeign: boolean): Choice<C> {
  const difference = (one: C, other: C) => pairedDifference(one.isRight, other.isRight);
  const experience = isForeign ? 0 : EXPERIENCE_ROWS;
  const choice = chooseRecipe(candidates, difference, (one, other) => {
    const rows = one.isRight.length;
    const usual = one.recipe.usualGain - other.recipe.usualGain;
    return (rows * difference(one, other).value + experience * usual) / (rows + experience);
  });
  const reason = isForeign && choice.difference && choice.chosen.recipe.readsCharacters ? ` ${FOREIGN}` : "";
  return { ...choice, sentence: choice.sentence + reason };
}

const FOREIGN =
  "Most rows are in a script that the pretrained base was hardly taught, and this recipe reads their characters.";

/** Whether most letters of the texts are not Latin: the base was taught English. */
export function isForeignScript(texts: readonly string[]): boolean {
  let [letters, latin] = [0, 0];
  for (const text of texts) {
    const head = text.slice(0, 200);
    letters += head.match(/\p{L}/gu)?.length ?? 0;
    latin += head.match(/\p{Script=Latin}/gu)?.length ?? 0;
  }
  return latin < letters / 2;
}
