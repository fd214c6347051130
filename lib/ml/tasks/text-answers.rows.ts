import { readFrozen, splitRows } from "../data/frozen-rows";
import { fromCodePoints } from "../data/spans";
import { contentHash } from "../data/split";
import type { Run, TrainOrder } from "../task";
import type { Question, StoredAnswer } from "./text-answers";
import { LEAST_TESTED, type TrialRows, takeBounded } from "./trials";

/** The accepted rows of one version, with offsets as strings have them. */
export interface AnswerPlan {
  texts: (Question & { line: number; answer: string; start: number; end: number })[];
  rows: TrialRows;
  testHashes: string[];
}

/** Reads the rows and decides, before anything else, which of them are measured on. Throws `TrainingError`. */
export async function planAnswerRows(order: TrainOrder, run: Run): Promise<AnswerPlan> {
  const { own: every, given } = await readFrozen<Question, StoredAnswer>(order);
  const own = takeBounded(every, ({ input }) => input.context, run);
  const texts = [...own, ...given].map(({ line, input, target: { answer, start } }) => {
    const span = { start, end: start + [...answer].length, label: "" };
    const [place = span] = fromCodePoints(input.context, [span]);
    return { line, ...input, answer, start: place.start, end: place.end };
  });
  // Questions about one context are never parted: its words would be known.
  const hashes = texts.map(({ context }) => contentHash(context));
  const strata = new Int32Array(texts.length);
  const parted = own.length < LEAST_TESTED ? null : { labels: strata, count: 1 };
  const { train, test, testHashes } = await splitRows(order, own.length, hashes, parted);
  const characters = texts.reduce((sum, { question, context }) => sum + question.length + context.length, 0);
  const meanCharacters = characters / texts.length;
  return { texts, rows: { train, test, hashes, strata, meanCharacters, classes: 2 }, testHashes };
}
