import { gatherWords } from "../base/windows";
import { createWordSplitter } from "../base/words";
import { toCodePoints } from "../data/spans";
import { type AskedText, bestAnswer, createQuestionReader, scoreAnswers } from "../recipes/answerer";
import type { ForwardRequest, Predictor, TokenizerSource } from "../task";
import type { AnswerOutput, Question } from "./text-answers";
import { readTrialArtifact } from "./trials.artifact";
import { createPlainSplitter, knownBase } from "./trials.based";

/** Opens a trained answerer. Throws when a file was changed. */
export async function openAnswerer(
  dir: string,
  tokenizers: TokenizerSource,
): Promise<Predictor<Question, AnswerOutput>> {
  const { manifest, head, baseId, adapter, sizeBytes } = await readTrialArtifact(dir);
  const answer = (one: AskedText, vectors: Float32Array | null): AnswerOutput => {
    const best = bestAnswer(scoreAnswers(head, one, vectors), manifest.temperature);
    const [first, last] = [best?.first, best?.last].map((word) => one.words.spans[word ?? -1]);
    if (!best || !first || !last) return { text: "", start: 0, end: 0, confidence: 0 };
    const [place] = toCodePoints(one.context, [{ start: first.start, end: last.end }]);
    const text = one.context.slice(first.start, last.end);
    return { text, start: place?.start ?? 0, end: place?.end ?? 0, confidence: best.confidence };
  };
  if (baseId === null) {
    const read = createQuestionReader(createPlainSplitter(), null);
    return {
      sizeBytes: sizeBytes * 2,
      before: (inputs) => ({
        requests: inputs.map(() => []),
        // Without a base there are no word pieces: words are what is counted.
        tokens: inputs.reduce((sum, input) => sum + read(input).words.spans.length, 0),
        truncated: inputs.map(() => false),
      }),
      after: (inputs) => inputs.map((input) => answer(read(input), null)),
    };
  }
  const tokenize = await tokenizers(baseId);
  const { hidden, maxTokens } = knownBase(baseId);
  const read = createQuestionReader(createWordSplitter(tokenize), { tokenize, maxTokens });
  return {
    sizeBytes: sizeBytes * 2,
    before(inputs) {
      const requests = inputs.map((input) =>
        read(input).windows.map(
          ({ ids }): ForwardRequest => ({ base: baseId, ids, isPerToken: true, ...(adapter && { adapter }) }),
        ),
      );
      return {
        requests,
        tokens: requests.flat().reduce((sum, { ids }) => sum + ids.length, 0),
        // Windows cover a context of any length.
        truncated: inputs.map(() => false),
      };
    },
    after: (inputs, outputs) =>
      inputs.map((input, i) => {
        const one = read(input);
        return answer(one, gatherWords(one.windows, outputs[i] ?? [], hidden));
      }),
  };
}
