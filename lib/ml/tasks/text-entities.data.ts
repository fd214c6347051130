import { createReader, type TagData } from "../recipes/tagger";
import type { BaseFiles, Run } from "../task";
import { createPlainSplitter, openWords, readFrozenWords } from "./trials.based";

/** The texts as the base reads them, with every word's frozen vector. */
export async function readWithBase(texts: readonly string[], files: BaseFiles, run: Run): Promise<TagData> {
  const { split, tokenize, maxTokens, hidden } = await openWords(files);
  const read = texts.map(createReader(split, tokenize, maxTokens));
  return { texts: read, hidden, vectors: await readFrozenWords(read, files, run), tuning: null };
}

/** The texts as words, of which nothing is read but how they look. */
export function readAlone(texts: readonly string[]): TagData {
  const split = createPlainSplitter();
  const read = texts.map((text) => ({ text, words: split(text), windows: [] }));
  return { texts: read, hidden: 0, vectors: null, tuning: null };
}
