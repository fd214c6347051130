import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { Tokenizer } from "@huggingface/tokenizers";
import type { Tokenize } from "../task";

/** No WordPiece vocabulary needs more characters a token; what lies beyond would be cut off anyway. */
const MAX_CHARACTERS_PER_TOKEN = 40;

/** Ids of the whole words in the vocabulary of a base: no pieces of words, numbers or signs. */
export async function readWordIds(dir: string): Promise<number[]> {
  const { model } = JSON.parse(await readFile(join(dir, "tokenizer.json"), "utf8")) as {
    model: { vocab: Record<string, number> };
  };
  return Object.entries(model.vocab).flatMap(([word, id]) => (/^\p{L}{2,}$/u.test(word) ? [id] : []));
}

/**
 * Opens `tokenizer.json` of a base. The function gives int32 ids with the special tokens, at most `maxTokens`
 * of them: the last special token is kept when a text is cut.
 */
export async function openTokenizer(dir: string, maxTokens: number): Promise<Tokenize> {
  const tokenizer = new Tokenizer(JSON.parse(await readFile(join(dir, "tokenizer.json"), "utf8")), {});
  return (text) => {
    const head = text.slice(0, maxTokens * MAX_CHARACTERS_PER_TOKEN);
    const { ids } = tokenizer.encode(head);
    const truncated = ids.length > maxTokens || head.length < text.length;
    if (ids.length > maxTokens) ids.splice(maxTokens - 1, ids.length - maxTokens);
    return { ids: Int32Array.from(ids), truncated };
  };
}
