import type { ModelReport } from "../contract";
import { pairedDifference } from "../report/metrics";
import { choiceSentence, experienceSentence, onlyOneSentence } from "./choice-sentence";
import type { Candidate } from "./text-classification.compare";

/**
 * What is known of other datasets counts like so many rows of this one: 16 rows of one's own tell 8 points apart only
 * by luck, 5,000 rows need nobody's experience. The spread of the gains over datasets is about 4 points and that of
 * one row's difference about 40, so (40 / 4)² rows say as much as experience does.
 */
const EXPERIENCE_ROWS = 100;

/**
 * The best one out of fold, or the cheapest that is within one standard error of it; with few rows, experience with
 * other datasets counts beside. Candidates come cheapest first. The sentence is for the customer; `isForeign` says
 * that the base does not know the language of the rows, and then experience with languages that it knows is none.
 */
export function choose(
  candidates: readonly Candidate[],
  isForeign: boolean,
): {
  chosen: Candidate;
  sentence: string;
  difference: ModelReport["pairedDifference"];
} {
  const experience = isForeign ? 0 : EXPERIENCE_ROWS;
  /** Rows right in all, those of experience included. */
  const merit = ({ isRight, recipe }: Candidate) =>
    isRight.filter(Boolean).length + experience * recipe.usualGain;
  const [best] = candidates.toSorted((a, b) => merit(b) - merit(a));
  if (!best) throw new Error("there is nothing to choose from");
  const chosen =
    candidates.find((one) => {
      const { error } = pairedDifference(best.isRight, one.isRight);
      return merit(best) - merit(one) <= error * best.isRight.length;
    }) ?? best;
  // Beside the one that it was preferred to: the best when that is another, else the next best on these rows.
  const others = candidates.filter((one) => one !== chosen);
  const [next] = others.toSorted((a, b) => b.accuracy.value - a.accuracy.value);
  const other = chosen === best ? next : best;
  if (!other) return { chosen, sentence: onlyOneSentence(chosen.recipe.id), difference: null };
  const { error: _, ...difference } = pairedDifference(chosen.isRight, other.isRight);
  const reason = isForeign && chosen.recipe.readsCharacters ? ` ${FOREIGN}` : "";
  return { chosen, sentence: sentenceOf(candidates, chosen, other, difference.value) + reason, difference };
}

function sentenceOf(
  candidates: readonly Candidate[],
  chosen: Candidate,
  other: Candidate,
  difference: number,
): string {
  const isCheaper = candidates.indexOf(chosen) < candidates.indexOf(other);
  const say = difference > 0 || isCheaper ? choiceSentence : experienceSentence;
  return say(chosen.recipe.id, other.recipe.id, difference);
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
