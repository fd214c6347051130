/**
 * Sparse text features: word 1-2-grams and character n-grams inside word boundaries, sublinear term frequency
 * times inverse document frequency, unit length (Salton & Buckley 1988; the `char_wb` idea of scikit-learn).
 * Character n-grams carry languages without spaces and words never seen.
 */

/** Rows in compressed sparse row form; `indices` ascend within a row. */
export interface Csr {
  rows: number;
  columns: number;
  starts: Int32Array;
  indices: Int32Array;
  values: Float32Array;
}

/** What a fitted vectoriser is: 32-bit n-gram hashes in ascending order and their idf. */
export interface Vocabulary {
  hashes: Uint32Array;
  idf: Float32Array;
}

/** Counts of the hashed n-grams of one text. */
export type Counts = ReadonlyMap<number, number>;

const WORD = /[\p{L}\p{N}_]+/gu;
/** Scripts written without spaces: every character is a word of its own. */
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;
const MAX_FEATURES = 60_000;
/** Text beyond this many characters adds nothing to a label and would make one row cost like a thousand. */
const MAX_CHARACTERS = 4000;

/** FNV-1a over UTF-16 units, one salt a kind of n-gram. */
function hash(text: string, start: number, end: number, salt: number): number {
  let h = 0x811c9dc5 ^ salt;
  for (let i = start; i < end; i++) {
    const unit = text.charCodeAt(i);
    h = Math.imul(h ^ (unit & 255), 0x01000193);
    h = Math.imul(h ^ (unit >>> 8), 0x01000193);
  }
  // One round of murmur's finaliser: neighbouring n-grams must not be neighbouring hashes.
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  return (h ^ (h >>> 13)) >>> 0;
}

/** The hash of a whole text; `salt` keeps kinds of features apart. */
export const hashText = (text: string, salt: number): number => hash(text, 0, text.length, salt);

/** Words between spaces: what is counted where no base reads. */
export const countWords = (text: string): number => text.match(/\S+/g)?.length ?? 0;

export function countNgrams(text: string): Counts {
  const counts = new Map<number, number>();
  const add = (key: number) => counts.set(key, (counts.get(key) ?? 0) + 1);
  const normal = text.slice(0, MAX_CHARACTERS).normalize("NFKC").toLowerCase();
  const isUnspaced = UNSPACED.test(normal);
  let previous = "";
  for (const [word] of normal.matchAll(WORD)) {
    if (!isUnspaced) {
      add(hash(word, 0, word.length, 1));
      if (previous) {
        const pair = `${previous} ${word}`;
        add(hash(pair, 0, pair.length, 2));
      }
      previous = word;
    }
    const padded = ` ${word} `;
    const [low, high] = isUnspaced ? [1, 4] : [3, 5];
    for (let n = low; n <= high; n++)
      for (let i = 0; i + n <= padded.length; i++) add(hash(padded, i, i + n, 16 + n));
  }
  return counts;
}

/** Learns the vocabulary: n-grams of at least two rows (one, below 1,000 rows), the most frequent `most`. */
export function fitVocabulary(counted: readonly Counts[], most = MAX_FEATURES): Vocabulary {
  const documents = new Map<number, number>();
  for (const counts of counted)
    for (const key of counts.keys()) documents.set(key, (documents.get(key) ?? 0) + 1);
  const least = counted.length < 1000 ? 1 : 2;
  let kept = [...documents].filter(([, n]) => n >= least);
  if (kept.length > most) kept = kept.sort((a, b) => b[1] - a[1] || a[0] - b[0]).slice(0, most);
  kept.sort((a, b) => a[0] - b[0]);
  const n = counted.length;
  return {
    hashes: Uint32Array.from(kept, ([key]) => key),
    // Smoothed as if one more row held every n-gram: no division by zero, no zero weight.
    idf: Float32Array.from(kept, ([, df]) => Math.log((1 + n) / (1 + df)) + 1),
  };
}

/** Unit-length TF-IDF rows of counted texts. */
export function vectorise(vocabulary: Vocabulary, counted: readonly Counts[]): Csr {
  const position = indexOf(vocabulary);
  const starts = new Int32Array(counted.length + 1);
  const found = counted.map((counts, row) => {
    const pairs: [number, number][] = [];
    let squares = 0;
    for (const [key, count] of counts) {
      const at = position.get(key);
      if (at === undefined) continue;
      const value = (1 + Math.log(count)) * (vocabulary.idf[at] ?? 0);
      squares += value * value;
      pairs.push([at, value]);
    }
    pairs.sort((a, b) => a[0] - b[0]);
    starts[row + 1] = (starts[row] ?? 0) + pairs.length;
    return { pairs, norm: Math.sqrt(squares) || 1 };
  });
  const total = starts[counted.length] ?? 0;
  const csr: Csr = {
    rows: counted.length,
    columns: vocabulary.hashes.length,
    starts,
    indices: new Int32Array(total),
    values: new Float32Array(total),
  };
  let at = 0;
  for (const { pairs, norm } of found) {
    for (const [index, value] of pairs) {
      csr.indices[at] = index;
      csr.values[at++] = value / norm;
    }
  }
  return csr;
}

const indexes = new WeakMap<Vocabulary, Map<number, number>>();
function indexOf(vocabulary: Vocabulary): Map<number, number> {
  let index = indexes.get(vocabulary);
  if (!index) {
    index = new Map();
    for (const [at, key] of vocabulary.hashes.entries()) index.set(key, at);
    indexes.set(vocabulary, index);
  }
  return index;
}
