import type { Tokenize } from "../task";
import type { Words } from "./words";

/** How a base takes texts: as pieces of words, and so many at once. */
export interface WordBase {
  tokenize: Tokenize;
  maxTokens: number;
}

/** A part of a text that the base reads at once. */
export interface Window {
  /** Token ids with the special tokens around them. */
  ids: Int32Array;
  /** Words `from` to `to` (exclusive) are read, `ownFrom` to `ownTo` are answered: the others are their context. */
  from: number;
  to: number;
  ownFrom: number;
  ownTo: number;
  /** Place of each read word's first piece among `ids`. */
  firsts: number[];
}
export interface WindowOptions {
  /** Special tokens and what stands before the text included. */
  maxTokens: number;
  /** Token ids before the text: the special token, a question. */
  before: Int32Array;
  /** Token ids behind it. */
  after: Int32Array;
}

/**
 * Cuts a text into overlapping windows: each shares half of its words with the next one, and a word is answered from the
 * window in which it stands furthest from an edge. A word longer than a window is cut.
 */
export function cutWindows({ pieces }: Words, options: WindowOptions): Window[] {
  const room = options.maxTokens - options.before.length - options.after.length;
  const windows: Window[] = [];
  for (let from = 0; from < pieces.length; ) {
    let [to, used] = [from, 0];
    while (to < pieces.length && (to === from || used + lengthOf(pieces, to) <= room))
      used += lengthOf(pieces, to++);
    windows.push(readWindow(pieces, from, to, room, options));
    if (to >= pieces.length) break;
    from = Math.max(from + 1, Math.ceil((from + to) / 2));
  }
  for (const [i, window] of windows.entries()) {
    const [last, next] = [windows[i - 1], windows[i + 1]];
    window.ownFrom = last ? last.ownTo : window.from;
    window.ownTo = next ? Math.floor((next.from + window.to) / 2) : window.to;
  }
  return windows;
}
const lengthOf = (pieces: readonly Int32Array[], word: number) => pieces[word]?.length ?? 0;

function readWindow(
  pieces: readonly Int32Array[],
  from: number,
  to: number,
  room: number,
  { before, after }: WindowOptions,
): Window {
  const ids: number[] = [...before];
  const firsts: number[] = [];
  for (const word of pieces.slice(from, to)) {
    firsts.push(ids.length);
    ids.push(...word.subarray(0, room));
  }
  return { ids: Int32Array.from([...ids, ...after]), from, to, ownFrom: from, ownTo: to, firsts };
}

/**
 * One vector a word, of its first piece (as in Devlin et al. 2019): [words, hidden] row-major.
 * @param read the hidden states [tokens, hidden] of each window.
 */
export function gatherWords(windows: readonly Window[], read: readonly Float32Array[], hidden: number) {
  const out = new Float32Array((windows.at(-1)?.to ?? 0) * hidden);
  for (const [i, { from, ownFrom, ownTo, firsts }] of windows.entries())
    for (let word = ownFrom; word < ownTo; word++) {
      const at = (firsts[word - from] as number) * hidden;
      out.set((read[i] as Float32Array).subarray(at, at + hidden), word * hidden);
    }
  return out;
}

/** Columns [words, columns] of a whole text at the first pieces of a window's words: [tokens, columns], else zero. */
export function spreadWords({ ids, from, to, firsts }: Window, values: Float32Array, columns: number) {
  const out = new Float32Array(ids.length * columns);
  for (let word = from; word < to; word++) {
    const own = values.subarray(word * columns, (word + 1) * columns);
    out.set(own, (firsts[word - from] as number) * columns);
  }
  return out;
}
