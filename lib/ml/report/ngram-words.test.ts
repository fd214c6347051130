import { expect, test } from "vitest";
import { countNgrams, fitVocabulary } from "../data/features";
import { addNgramLogits, packNgrams } from "../linear/ngram-block";
import { generator } from "../linear/svm";
import { shareNgrams } from "./ngram-words";
import { wordsOf } from "./words";

const CLASSES = 3;
test.each([
  ["please refund my order, please refund me", 0.05],
  ["申请退款，谢谢", 1],
  ["", 0],
])("the words' shares of %j and the rest are the block's logits", (text, mostRest) => {
  const vocabulary = fitVocabulary([countNgrams(text), countNgrams("another text")]);
  const random = generator(5);
  const weights = Float32Array.from({ length: vocabulary.hashes.length * CLASSES }, () => random() - 0.5);
  const block = packNgrams(vocabulary, weights, CLASSES);
  const logits = new Float32Array(CLASSES);
  addNgramLogits(block, [countNgrams(text)], logits);
  const { words, rest } = shareNgrams(block, text, wordsOf(text));
  for (const [c, logit] of logits.entries()) {
    const shared = words.reduce((sum, word) => sum + (word[c] ?? 0), 0);
    expect(shared + (rest[c] ?? 0)).toBeCloseTo(logit, 4);
    expect(Math.abs(rest[c] ?? 0)).toBeLessThanOrEqual(mostRest);
  }
});
