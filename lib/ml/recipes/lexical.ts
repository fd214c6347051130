import { countNgrams, fitVocabulary, vectorise } from "../data/features";
import { fitSvm, sparseLogits } from "../linear/svm";
import type { TextRecipe } from "./text-recipe";

const C = 1;

/**
 * Word and character n-grams with a linear model: the floor that every other recipe must beat, and the winner
 * where the base does not know the language.
 */
export const lexical: TextRecipe = {
  id: "lexical",
  needs: { base: false, tuning: false },
  readsCharacters: true,
  usualGain: -0.1,
  isMargin: true,
  estimate: ({ rows, classes, meanTokens }) => ({
    seconds: 1 + (rows * classes * meanTokens * 20) / 3e8,
    bytes: 200e6 + rows * meanTokens * 400 + classes * 60_000 * 4,
  }),
  async prepare({ texts }) {
    const counted = texts.map(countNgrams);
    let learnt = 0;
    return {
      async fit(rows, labels, classes, { seed, signal, onProgress }) {
        const own = rows.map((row) => counted[row] ?? new Map<number, number>());
        const vocabulary = fitVocabulary(own);
        const head = fitSvm(vectorise(vocabulary, own), labels, classes, {
          c: C,
          seed,
          signal,
          onClass: (done) => onProgress(done / classes),
        });
        learnt = vocabulary.hashes.length;
        return { kind: "lexical", head, vocabulary };
      },
      logits(model, rows) {
        if (model.kind !== "lexical") throw new Error("a lexical model is needed");
        const own = rows.map((row) => counted[row] ?? new Map<number, number>());
        return sparseLogits(model.head, vectorise(model.vocabulary, own));
      },
      vectors: () => null,
      effective: () => ({ c: C, ngrams: learnt }),
    };
  },
};
