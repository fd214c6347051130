/** Whether the first row names the columns, from what stands in it and below it. */

const KNOWN =
  /^(id|no|nr|index|text|texts|message|messages|utterance|sentence|content|body|query|question|prompt|review|comment|description|subject|title|ticket|label|labels|category|class|intent|target|tag|tags|topic|sentiment|queue|completion|answer|date|created|created_at|name|email|language|source|score|rating|文本|内容|标题|评论|问题|标签|类别|分类|意图|日期|编号)$/i;
const NUMBER = /^[+-]?(\d[\d.,\s]*|\.\d+)%?$/;
/** A column's name: a few words, no sentence. */
const NAME = /^[\p{L}_][\p{L}\p{N}_ .:/#()-]{0,39}$/u;

export function isNumber(text: string): boolean {
  return NUMBER.test(text.trim());
}

function looksLikeName(cell: string): boolean {
  return NAME.test(cell) && cell.split(/\s+/).length <= 4 && !/[.!?]$/.test(cell);
}

export function hasHeader(rows: readonly (readonly string[])[]): boolean {
  const [first, ...below] = rows.map((cells) => cells.map((cell) => cell.trim()));
  const filled = (first ?? []).filter((cell) => cell !== "");
  if (first === undefined || filled.length === 0) return false;
  if (!filled.every((cell) => cell.length <= 60)) return false;
  if (filled.some(isNumber)) return false;
  if (filled.every(looksLikeName) && filled.some((cell) => KNOWN.test(cell))) return true;
  for (const [index, cell] of first.entries()) {
    if (cell === "") continue;
    const column = below.map((row) => row[index] ?? "").filter((value) => value !== "");
    // A label that comes again further down names nothing.
    if (column.includes(cell)) return false;
    if (column.length > 0 && column.every(isNumber)) return true;
  }
  return filled.every(looksLikeName);
}
