import { type Counts, fitVocabulary, vectorise } from "../data/features";
import type { Dense } from "../linear/matrix";
import { addNgramLogits, type NgramBlock, packNgrams } from "../linear/ngram-block";
import { denseLogits, type LinearHead, type SoftmaxOptions } from "../linear/softmax-head";
import { fitWideHead, type WideHead } from "../linear/wide-head";

/** A head over unit-length embeddings, wherever they come from, with the n-gram block that counts beside them. */
export interface WideModel {
  head: LinearHead;
  ngrams: NgramBlock;
}

/** Weights of the n-gram block, so bytes on disk: about 1.5 MB however many classes there are. */
const MAX_WEIGHTS = 1.5e6;
const LEAST_NGRAMS = 3000;

export interface WideRows {
  /** Unit-length embeddings of the rows. */
  embedded: Dense;
  counted: readonly Counts[];
  labels: Int32Array;
  classes: number;
}

/**
 * Learns the n-grams of the rows once; the function that comes back fits one head on embedding and `a` times
 * TF-IDF. Each call begins where the last one ended. The model is the rounded one that will be served.
 */
export function prepareWide({ embedded, counted, labels, classes }: WideRows) {
  const most = Math.max(LEAST_NGRAMS, Math.floor(MAX_WEIGHTS / classes));
  const vocabulary = fitVocabulary(counted, most);
  const matrix = vectorise(vocabulary, counted);
  let last: WideHead | undefined;
  return async (a: number, options: Omit<SoftmaxOptions, "start">): Promise<WideModel> => {
    const from = last ? { start: last } : {};
    last = await fitWideHead(embedded, matrix, a, labels, classes, { ...options, ...from });
    return { head: last.dense, ngrams: packNgrams(vocabulary, last.sparse, classes) };
  };
}

/** Logits [rows, classes]; `counted` are the n-grams of the embedded rows. Training and serving both ask here. */
export function wideLogits(model: WideModel, embedded: Dense, counted: readonly Counts[]): Float32Array {
  const logits = denseLogits(model.head, embedded);
  addNgramLogits(model.ngrams, counted, logits);
  return logits;
}
