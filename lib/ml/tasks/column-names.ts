import type { ColumnProfile } from "../contract";

const TEXT_NAMES =
  /^(text|message|utterance|sentence|content|body|query|question|prompt|review|comment|description|subject|ticket|文本|内容|标题|评论)$/i;

/** How much a column looks like the text to read: free words, mostly distinct, longer than a label. */
export function textScore(column: ColumnProfile): number {
  if (column.kind === "empty" || column.filled === 0) return 0;
  const distinct = column.distinct / column.filled;
  return (
    (TEXT_NAMES.test(column.name) ? 0.5 : 0) + 0.3 * distinct + 0.2 * Math.min(1, column.meanLength / 30)
  );
}

/** How full the used columns are beside the fullest of all. */
export const fullness = (columns: readonly ColumnProfile[], ...used: readonly ColumnProfile[]): number =>
  Math.min(...used.map(({ filled }) => filled)) / Math.max(1, ...columns.map(({ filled }) => filled));

const NUMBER_NAMES =
  /^(score|rating|stars|grade|points|number|value|similarity|price|share|评分|分数|星级|数值|价格|相似度)$/i;

/** How much a column looks like a number to learn and not like a class, an id or a line number. */
export function numberScore(column: ColumnProfile): number {
  if (column.kind !== "number" || column.distinct < 3) return 0;
  const hasFraction = column.examples.some((cell) => /\d[.,]\d/.test(cell));
  const isId = column.distinct === column.filled && !hasFraction;
  if (NUMBER_NAMES.test(column.name)) return 1;
  return isId ? 0 : hasFraction ? 0.8 : 0;
}
