import { readFrozen, type Split, splitRows } from "../data/frozen-rows";
import { fromCodePoints, type Span } from "../data/spans";
import { contentHash, LEAST_CLASS_ROWS } from "../data/split";
import { type Run, TrainingError, type TrainOrder } from "../task";
import type { WireSpan } from "./text-entities";
import { LEAST_TESTED, type TrialRows, takeBounded } from "./trials";

/** The accepted rows of one version, with offsets as strings have them. */
export interface SpanPlan {
  texts: { line: number; text: string; spans: Span[] }[];
  labels: string[];
  rows: TrialRows;
  testHashes: string[];
}

/** Reads the rows and decides, before anything else, which of them are measured on. Throws `TrainingError`. */
export async function planSpanRows(order: TrainOrder, run: Run): Promise<SpanPlan> {
  const { own: every, given } = await readFrozen<string, WireSpan[]>(order);
  const own = takeBounded(every, ({ input }) => input, run);
  const labels = [...new Set(own.flatMap(({ target }) => target.map(({ label }) => label)))].sort();
  if (labels.length === 0)
    throw new TrainingError(
      "no_spans",
      "No row marks anything, so there is nothing to find. Add rows with spans.",
      "training_file",
    );
  const unknown = given.flatMap(({ target }) => target).filter(({ label }) => !labels.includes(label));
  // They count as never found: who measures wants them found.
  if (unknown.length > 0)
    run.log("warn", `${unknown.length} spans of validation rows have a label that no training row has`);
  const all = [...own, ...given];
  const texts = all.map(({ line, input, target }) => ({
    line,
    text: input,
    spans: fromCodePoints(input, target),
  }));
  return planOf(texts, labels, await splitSpans(texts, own.length, order));
}

/** Alike in all parts: whether a row marks anything, where there are enough rows of both kinds. */
function strataOf(texts: SpanPlan["texts"]): Int32Array {
  const isMarked = texts.map(({ spans }) => spans.length > 0);
  const marked = isMarked.filter(Boolean).length;
  const isParted = Math.min(marked, texts.length - marked) >= LEAST_CLASS_ROWS;
  return Int32Array.from(isMarked, (is) => Number(isParted && is));
}
function splitSpans(texts: SpanPlan["texts"], own: number, order: TrainOrder): Promise<Split> {
  const labels = strataOf(texts);
  const hashes = texts.map(({ text }) => contentHash(text));
  const strata = own < LEAST_TESTED ? null : { labels, count: new Set(labels).size };
  return splitRows(order, own, hashes, strata);
}

export function planOf(
  texts: SpanPlan["texts"],
  labels: string[],
  { train, test, testHashes }: Split,
): SpanPlan {
  const rows: TrialRows = {
    train,
    test,
    hashes: texts.map(({ text }) => contentHash(text)),
    strata: strataOf(texts),
    meanCharacters: texts.reduce((sum, { text }) => sum + text.length, 0) / Math.max(1, texts.length),
    classes: labels.length,
  };
  return { texts, labels, rows, testHashes };
}
