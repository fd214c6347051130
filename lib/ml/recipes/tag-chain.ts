import { type Counts, fitVocabulary, vectorise } from "../data/features";
import { describeSurface, SURFACE_COLUMNS } from "../data/surface";
import { fitChainHead } from "../linear/chain-head";
import { concatenate, type Dense, joinColumns } from "../linear/matrix";
import { packNgrams } from "../linear/ngram-block";
import type { LinearHead } from "../linear/softmax-head";
import { featuresOf, plainTransitions, scoreWords, type TagData, type TagRecipe, wordsOf } from "./tagger";

/** The penalty, how strongly features count, and how strongly a vector does beside a column of ones. */
const SETTINGS = { c: 10, features: 1, vectors: 0.1 };
const MAX_ITERATIONS = 100;
/** Weights of the features, so bytes on disk. */
const MAX_WEIGHTS = 1e6;

/** Vectors with surface columns of some rows, one behind the other, the vectors scaled. */
export function joinRows(data: TagData, rows: readonly number[], scale: number): Dense {
  const parts = rows.map((row) => {
    const vectors = (data.vectors?.[row] ?? new Float32Array(0)).map((value) => value * scale);
    const one = data.texts[row];
    const surface = one ? describeSurface(wordsOf(one)) : new Float32Array(0);
    return joinColumns(vectors, data.hidden, surface, SURFACE_COLUMNS);
  });
  const columns = data.hidden + SURFACE_COLUMNS;
  const values = concatenate(parts);
  return { rows: values.length / columns, columns, values };
}

/** The head for vectors as they are, of one that was fitted on scaled ones. */
export const withoutScale = (head: LinearHead, hidden: number, scale: number): LinearHead => ({
  ...head,
  weights: head.weights.map((w, at) => (at < hidden * head.classes ? w * scale : w)),
});

function chainRecipe(id: "lexical" | "wide", readsBase: boolean): TagRecipe {
  return {
    id,
    needs: { base: readsBase, tuning: false },
    estimate: ({ rows, classes, meanTokens }) => ({
      seconds: 3 + (rows * meanTokens * (1 + 2 * classes) * (readsBase ? 6 : 3)) / 1e5,
      bytes: 500e6 + rows * meanTokens * (readsBase ? 6000 : 2500),
    }),
    prepare(data) {
      const counted = new Map<number, Counts[]>();
      const countsOf = (row: number): Counts[] => {
        const one = data.texts[row];
        const found = counted.get(row) ?? (one ? featuresOf(one) : []);
        counted.set(row, found);
        return found;
      };
      return {
        async fit(rows, tags, labels, options) {
          const frame = plainTransitions(labels);
          const words = rows.flatMap(countsOf);
          const vocabulary = fitVocabulary(words, Math.floor(MAX_WEIGHTS / frame.tags));
          const starts = new Int32Array(rows.length + 1);
          for (const [i, own] of tags.entries()) starts[i + 1] = (starts[i] as number) + own.length;
          const { dense, sparse, transitions } = await fitChainHead(
            readsBase ? joinRows(data, rows, SETTINGS.vectors) : null,
            vectorise(vocabulary, words),
            SETTINGS.features,
            { starts, tags: Int32Array.from(tags.flatMap((own) => [...own])) },
            frame,
            {
              c: SETTINGS.c,
              maxIterations: MAX_ITERATIONS,
              signal: options.signal,
              onIteration: (done) => options.onProgress(done / MAX_ITERATIONS),
            },
          );
          return {
            kind: id,
            head: withoutScale(dense, readsBase ? data.hidden : 0, SETTINGS.vectors),
            features: packNgrams(vocabulary, sparse, frame.tags),
            transitions,
            lora: null,
          };
        },
        scores: (tagger, rows) =>
          rows.flatMap((row) => {
            const one = data.texts[row];
            return one ? [scoreWords(tagger, one, readsBase ? (data.vectors?.[row] ?? null) : null)] : [];
          }),
      };
    },
  };
}

/** What words look like, and nothing else: needs no base, and is the floor that others are shown beside. */
export const lexicalTagger = chainRecipe("lexical", false);
/** The same beside the frozen base's vector of each word. */
export const wideTagger = chainRecipe("wide", true);
