import type { ModelReport } from "../contract";
import { assignFolds } from "../data/split";
import type { Estimate } from "../evaluation";
import type { Prepared, TextRecipe } from "../recipes/text-recipe";
import { accuracyOf, decide, macroF1, pairedDifference } from "../report/metrics";
import { chooseTemperature } from "../report/temperature";
import type { Run } from "../task";
import { choiceSentence, onlyOneSentence } from "./choice-sentence";
import { labelsOf, type Plan } from "./text-classification.rows";

/** A recipe with its predictions for rows that the predicting model had not seen. */
export interface Candidate {
  recipe: TextRecipe;
  prepared: Prepared;
  /** [train rows, classes], in the order of `plan.train`. */
  logits: Float32Array;
  /** Fold number of each of those rows. */
  folds: Int32Array;
  temperature: number;
  isRight: boolean[];
  accuracy: Estimate;
  macroF1: number;
  seconds: number;
}

/** Out-of-fold predictions of one recipe over all training rows, by `k` models of k - 1 parts of them. */
export async function crossValidate(
  recipe: TextRecipe,
  prepared: Prepared,
  plan: Plan,
  seed: number,
  run: Run,
  onProgress: (share: number) => void,
  k = 5,
): Promise<Candidate> {
  const classes = plan.names.length;
  const started = performance.now();
  const hashes = plan.train.map((row) => plan.rows.hashes[row] ?? "");
  const labels = labelsOf(plan, plan.train);
  const empty = () => new Float32Array(plan.train.length * classes);
  /** One a reading of the model. */
  const read: Float32Array[] = [];
  const folds = assignFolds(hashes, labels, classes, k, seed);
  for (let fold = 0; fold < k; fold++) {
    const inside = plan.train.filter((_, i) => folds[i] !== fold);
    const held = plan.train.map((row, i) => ({ row, i })).filter(({ i }) => folds[i] === fold);
    // All rows of one text are in one fold: nothing is learnt from none, and their logits stay even.
    if (held.length === 0 || inside.length === 0) continue;
    const model = await prepared.fit(inside, labelsOf(plan, inside), classes, {
      seed,
      signal: run.signal,
      onProgress: (share) => onProgress((fold + share) / k),
    });
    const asked = held.map(({ row }) => row);
    for (const [reading, one] of (prepared.readings?.(model) ?? [model]).entries()) {
      const part = prepared.logits(one, asked);
      read[reading] ??= empty();
      for (const [at, { i }] of held.entries())
        read[reading]?.set(part.subarray(at * classes, (at + 1) * classes), i * classes);
    }
  }
  const place = bestReading(read, labels, classes);
  prepared.keep?.(place);
  const logits = read[place] ?? empty();
  const temperature = chooseTemperature(logits, labels, classes, recipe.isMargin);
  const { predicted } = decide(logits, classes);
  return {
    recipe,
    prepared,
    logits,
    folds,
    temperature,
    isRight: [...labels].map((label, i) => label === predicted[i]),
    accuracy: accuracyOf({ actual: labels, predicted }),
    macroF1: macroF1({ actual: labels, predicted }, classes),
    seconds: (performance.now() - started) / 1000,
  };
}

/** The reading that is right most often; the plainer one when that is no difference. */
function bestReading(read: readonly Float32Array[], labels: Int32Array, classes: number): number {
  const right = read.map((logits) => {
    const { predicted } = decide(logits, classes);
    return labels.reduce((count, label, i) => count + (predicted[i] === label ? 1 : 0), 0);
  });
  return Math.max(0, right.indexOf(Math.max(...right)));
}

/**
 * The best one out of fold, or the cheapest that is within one standard error of it. Candidates come cheapest
 * first. The sentence is for the customer; `isForeign` says that the base does not know the language of the rows.
 */
export function choose(
  candidates: readonly Candidate[],
  isForeign: boolean,
): {
  chosen: Candidate;
  sentence: string;
  difference: ModelReport["pairedDifference"];
} {
  const ranked = candidates.toSorted((a, b) => b.accuracy.value - a.accuracy.value);
  const [best, second] = ranked;
  if (!best) throw new Error("there is nothing to choose from");
  const chosen =
    candidates.find((one) => {
      const { value, error } = pairedDifference(best.isRight, one.isRight);
      return value <= error;
    }) ?? best;
  // Beside the one that it was preferred to: the best when that is another, else the next best.
  const other = chosen === best ? second : best;
  if (!other) return { chosen, sentence: onlyOneSentence(chosen.recipe.id), difference: null };
  const { error: _, ...difference } = pairedDifference(chosen.isRight, other.isRight);
  const isCheaper = candidates.indexOf(chosen) < candidates.indexOf(other) && difference.value <= 0;
  const sentence = choiceSentence(chosen.recipe.id, other.recipe.id, difference.value, isCheaper);
  const reason = isForeign && chosen.recipe.readsCharacters ? ` ${FOREIGN}` : "";
  return { chosen, sentence: sentence + reason, difference };
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
