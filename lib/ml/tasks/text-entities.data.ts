import { createWordSplitter } from "../base/words";
import { createReader, type TagData } from "../recipes/tagger";
import type { BaseFiles, Run } from "../task";
import { openWords, readFrozenWords } from "./trials.based";

/** The texts as the base reads them, with every word's frozen vector. */
export async function readWithBase(texts: readonly string[], files: BaseFiles, run: Run): Promise<TagData> {
  const { split, hidden, ...own } = await openWords(files);
  const read = texts.map(createReader(split, own));
  return { texts: read, hidden, vectors: await readFrozenWords(read, files, run), tuning: null };
}

/** The texts as words, of which nothing is read but how they look. */
export function readAlone(texts: readonly string[]): TagData {
  const read = texts.map(createReader(createWordSplitter(), null));
  return { texts: read, hidden: 0, vectors: null, tuning: null };
}
