import type { Tokenize } from "../task";

/** A text as words, each in as many pieces as the base's vocabulary needs for it. */
export interface Words {
  /** Where each word lies in the text, in UTF-16 units. */
  spans: { start: number; end: number }[];
  /** The pieces of each word: token ids without special tokens, at least one. */
  pieces: Int32Array[];
}

/**
 * What BERT's own pre-tokenizer takes apart (Devlin et al. 2019, `BasicTokenizer`): runs between spaces, each
 * punctuation mark and each Chinese character by itself.
 */
const ALONE = String.raw`!-\/:-@\[-\x60\{-~\p{P}\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u{20000}-\u{2a6df}\u{2a700}-\u{2b81f}\u{2b820}-\u{2ceaf}\u{2f800}-\u{2fa1f}`;
const WORD = new RegExp(`[${ALONE}]|[^\\s\\p{Z}${ALONE}]+`, "gu");
/** Words repeat; beyond this many the memory starts anew. */
const REMEMBERED = 50_000;

/** Without a base words are what the pattern says; every one has one piece, which nobody reads. */
const onePiece: Tokenize = () => ({ ids: new Int32Array(3), truncated: false });

/**
 * Splits texts into words that know their place. WordPiece reads every word by itself, so the pieces in a row are
 * those of the whole text (`words.test.ts`); what it drops altogether (control characters) is no word.
 */
export function createWordSplitter(tokenize: Tokenize = onePiece): (text: string) => Words {
  const known = new Map<string, Int32Array>();
  const piecesOf = (word: string): Int32Array => {
    const found = known.get(word);
    if (found) return found;
    // Without the special tokens at both ends.
    const pieces = tokenize(word).ids.slice(1, -1);
    if (known.size >= REMEMBERED) known.clear();
    known.set(word, pieces);
    return pieces;
  };
  return (text) => {
    const words: Words = { spans: [], pieces: [] };
    for (const { 0: word, index } of text.matchAll(WORD)) {
      const pieces = piecesOf(word);
      if (pieces.length === 0) continue;
      words.spans.push({ start: index, end: index + word.length });
      words.pieces.push(pieces);
    }
    return words;
  };
}
