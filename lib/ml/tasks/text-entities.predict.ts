import { gatherWords } from "../base/windows";
import { createWordSplitter } from "../base/words";
import { toCodePoints } from "../data/spans";
import { createReader, decodeSpans, scoreWords, type TaggedText } from "../recipes/tagger";
import type { ForwardRequest, Predictor, TokenizerSource } from "../task";
import type { SpansOutput } from "./text-entities";
import { readTagger } from "./text-entities.artifact";
import { readAlone } from "./text-entities.data";
import { knownBase } from "./trials.based";

/** Opens a trained tagger. Throws when a file was changed. */
export async function openTagger(
  dir: string,
  tokenizers: TokenizerSource,
): Promise<Predictor<string, SpansOutput>> {
  const { tagger, labels, baseId, adapter, sizeBytes } = await readTagger(dir);
  const answer = (one: TaggedText, vectors: Float32Array | null): SpansOutput => {
    const found = decodeSpans(one, scoreWords(tagger, one, vectors), tagger.transitions, labels);
    const spans = found.map((span) => ({ ...span, text: one.text.slice(span.start, span.end) }));
    return { spans: toCodePoints(one.text, spans) };
  };
  if (baseId === null) {
    const readText = (text: string) => readAlone([text]).texts[0] as TaggedText;
    return {
      sizeBytes: sizeBytes * 3,
      before: (inputs) => ({
        requests: inputs.map(() => []),
        // Without a base there are no word pieces: words are what is counted.
        tokens: inputs.reduce((sum, text) => sum + readText(text).words.spans.length, 0),
        truncated: inputs.map(() => false),
      }),
      after: (inputs) => inputs.map((text) => answer(readText(text), null)),
    };
  }
  const tokenize = await tokenizers(baseId);
  const { hidden, maxTokens } = knownBase(baseId);
  const readText = createReader(createWordSplitter(tokenize), tokenize, maxTokens);
  return {
    sizeBytes: sizeBytes * 3,
    before(inputs) {
      const requests = inputs.map((text) =>
        readText(text).windows.map(
          ({ ids }): ForwardRequest => ({ base: baseId, ids, isPerToken: true, ...(adapter && { adapter }) }),
        ),
      );
      return {
        requests,
        tokens: requests.flat().reduce((sum, { ids }) => sum + ids.length, 0),
        // Windows cover a text of any length.
        truncated: inputs.map(() => false),
      };
    },
    after: (inputs, outputs) =>
      inputs.map((text, i) => {
        const one = readText(text);
        return answer(one, gatherWords(one.windows, outputs[i] ?? [], hidden));
      }),
  };
}
