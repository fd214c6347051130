import { createWordSplitter } from "../base/words";
import { toCodePoints } from "../data/spans";
import { type AskedText, bestAnswer, createQuestionReader, scoreAnswers } from "../recipes/answerer";
import type { Predictor, TokenizerSource } from "../task";
import type { AnswerOutput, Question } from "./text-answers";
import { readTrialArtifact } from "./trials.artifact";
import { createPlainSplitter, knownBase } from "./trials.based";
import { predictByWords } from "./trials.predict";

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
  const opened = { baseId, adapter };
  if (baseId === null) {
    const read = createQuestionReader(createPlainSplitter(), null);
    return predictByWords({ opened, sizeBytes: sizeBytes * 2, hidden: 0, read, answer });
  }
  const tokenize = await tokenizers(baseId);
  const { hidden, maxTokens } = knownBase(baseId);
  const read = createQuestionReader(createWordSplitter(tokenize), { tokenize, maxTokens });
  return predictByWords({ opened, sizeBytes: sizeBytes * 2, hidden, read, answer });
}
