import { vectorise } from "../data/features";
import type { Portion } from "../portable/portions";
import type { ReadRow, TextFolder, Texts } from "../portable/text-folder";
import { sparseRow } from "../report/scope";
import type { Exported } from "./exported";
import { type ReadWords, tokensOf, type WordAnswers } from "./trials.answers";

/** An exported model of a task that answers with pieces of its texts. Throws when a file is missing. */
export async function openExportedWords<One extends ReadWords, Output, Settings>(
  folder: TextFolder,
  answers: WordAnswers<One, Output, Settings>,
): Promise<Exported<Output>> {
  const settled = await folder.json<Settings>("settings.json");
  const labels = answers.hasLabels ? await folder.json<string[]>("labels.json") : [];
  const say = answers.answering(settled, labels);
  const read = createWordReader(folder, answers);
  return {
    settings: folder.settings,
    inputs: answers.inputs,
    abstainBelow: null,
    predict: (rows) => folder.answer(rows, read, ({ one }, output) => say(one, output("scores"))),
  };
}

/** A row with its words. */
interface WordRow<One> extends ReadRow {
  one: One;
}

/** Reads rows as the graph's words. */
export function createWordReader<One extends ReadWords>(
  { settings, tokenize, vocabulary, takes }: TextFolder,
  { reader, columns, features }: WordAnswers<One, unknown, never>,
): (texts: Texts) => WordRow<One> {
  const read = reader(tokenize && settings.base && { tokenize, maxTokens: settings.base.max_tokens });
  return (texts) => {
    const one = read(texts);
    const beside = takes("columns") ? columns(one) : null;
    const width = beside ? beside.length / one.words.spans.length : 0;
    const counted = vocabulary && vectorise(vocabulary, features?.(one) ?? []);
    const portions = stretchesOf(one).map(({ ids, from, to, places }): Portion => {
      const rows = to - from;
      return {
        rows,
        sequences: ids ? [{ ids }] : [],
        grams: counted ? Array.from({ length: rows }, (_, i) => sparseRow(counted, from + i)) : [],
        overlap: null,
        columns: beside?.subarray(from * width, to * width) ?? null,
        places,
      };
    });
    return { one, portions, tokens: tokensOf(one), truncated: false };
  };
}

/** Words `from` to `to` (exclusive) of a text, with the tokens that they are read among and at. */
interface Stretch {
  ids: Int32Array | null;
  from: number;
  to: number;
  places: readonly number[];
}
/** About as many as a window has. */
const PLAIN_WORDS = 256;

/** The words that each window answers; without a base a word needs no context, and any others go with it. */
function stretchesOf({ words, windows }: ReadWords): Stretch[] {
  if (windows.length > 0)
    return (
      windows
        .map(({ ids, firsts, from, ownFrom, ownTo }) => {
          return { ids, from: ownFrom, to: ownTo, places: firsts.slice(ownFrom - from, ownTo - from) };
        })
        // Before a very long word there may be one that answers nothing.
        .filter(({ places }) => places.length > 0)
    );
  const total = words.spans.length;
  return Array.from({ length: Math.ceil(total / PLAIN_WORDS) }, (_, i) => {
    const from = i * PLAIN_WORDS;
    return { ids: null, from, to: Math.min(total, from + PLAIN_WORDS), places: [] };
  });
}
