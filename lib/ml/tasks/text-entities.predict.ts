import { createWordSplitter } from "../base/words";
import { toCodePoints } from "../data/spans";
import { createReader, decodeSpans, scoreWords, type TaggedText } from "../recipes/tagger";
import type { Predictor, TokenizerSource } from "../task";
import type { SpansOutput } from "./text-entities";
import { readTagger } from "./text-entities.artifact";
import { readAlone } from "./text-entities.data";
import { knownBase } from "./trials.based";
import { predictByWords } from "./trials.predict";

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
  const opened = { baseId, adapter };
  if (baseId === null) {
    const read = (text: string) => readAlone([text]).texts[0] as TaggedText;
    return predictByWords({ opened, sizeBytes: sizeBytes * 3, hidden: 0, read, answer });
  }
  const tokenize = await tokenizers(baseId);
  const { hidden, maxTokens } = knownBase(baseId);
  const read = createReader(createWordSplitter(tokenize), tokenize, maxTokens);
  return predictByWords({ opened, sizeBytes: sizeBytes * 3, hidden, read, answer });
}
