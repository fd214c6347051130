import { type Counts, fitVocabulary, vectorise } from "../data/features";
import type { Dense } from "../linear/matrix";
import { addNgramLogits, type NgramBlock, packNgrams } from "../linear/ngram-block";
import { denseLogits, type LinearHead, type SoftmaxOptions } from "../linear/softmax-head";
import { fitWideHead } from "../linear/wide-head";

/** A head over unit-length embeddings, wherever they come from, with the n-gram block that counts beside them. */
export interface WideModel {
  head: LinearHead;
  ngrams: NgramBlock;
}

/**
 * Weights of the n-gram block, so bytes on disk: a megabyte. Measured on Banking77 with 77 classes: the 13,000 most
 * frequent n-grams answer as all 20,000 that two rows share (93.99 and 94.06 %).
 */
const MAX_WEIGHTS = 1e6;
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
 * TF-IDF. The model is the rounded one that will be served.
 */
export function prepareWide({ embedded, counted, labels, classes }: WideRows) {
  const most = Math.max(LEAST_NGRAMS, Math.floor(MAX_WEIGHTS / classes));
  const vocabulary = fitVocabulary(counted, most);
  const matrix = vectorise(vocabulary, counted);
  return async (a: number, options: Omit<SoftmaxOptions, "start">): Promise<WideModel> => {
    const { dense, sparse } = await fitWideHead(embedded, matrix, a, labels, classes, options);
    return { head: dense, ngrams: packNgrams(vocabulary, sparse, classes) };
  };
}

/** Logits [rows, classes]; `counted` are the n-grams of the embedded rows. Training and serving both ask here. */
export function wideLogits(model: WideModel, embedded: Dense, counted: readonly Counts[]): Float32Array {
  const logits = denseLogits(model.head, embedded);
  addNgramLogits(model.ngrams, counted, logits);
  return logits;
}
