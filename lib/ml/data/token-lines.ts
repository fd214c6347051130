import { csvRows } from "./csv";
import type { RawRow, RowBatches } from "./row";
import type { Span } from "./spans";

/**
 * Token files, one word and its tag a line and an empty line behind each sentence (CoNLL-2003; columns between the two
 * are passed over). Schemes: BIO in both its forms (a span may begin with `I-`), and BIOES or BILOU, whose ends and
 * single words are read as such.
 */
export const TOKEN_COLUMNS = ["text", "spans"];

const TAG = /^(?:O|([BIESLU])-(.+))$/;
const DOCUMENT = /^-DOCSTART-/;
const UNSPACED = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Thai}]/u;

const columnsOf = (line: string) => (line.includes("\t") ? line.split("\t") : line.trim().split(/ +/));

/** Whether most of the first filled lines are a word with a tag. */
export function looksLikeTokens(lines: readonly string[]): boolean {
  const tagged = lines.filter((line) => {
    const columns = columnsOf(line);
    return columns.length > 1 && TAG.test(columns.at(-1)?.trim() ?? "");
  }).length;
  return lines.length > 1 && tagged >= lines.length * 0.8;
}

/** One row a sentence: its words with spaces between them, and its spans as JSON with code-point offsets. */
export async function* tokenRows(text: AsyncIterable<string>): RowBatches {
  let lines: RawRow[] = [];
  for await (const batch of csvRows(text, { delimiter: undefined, hasQuotes: false })) {
    const rows: RawRow[] = [];
    for (const line of batch) {
      const isBlank = line.isBlank || (line.cells[0] ?? "").trim() === "";
      if (!isBlank && !DOCUMENT.test(line.cells[0] ?? "")) lines.push(line);
      else if (lines.length > 0) {
        rows.push(readSentence(lines));
        lines = [];
      }
    }
    yield rows;
  }
  if (lines.length > 0) yield [readSentence(lines)];
}

function readSentence(lines: readonly RawRow[]): RawRow {
  let text = "";
  let points = 0;
  const spans: Span[] = [];
  let open = null as Span | null;
  let problem: string | undefined;
  const add = (piece: string) => {
    text += piece;
    points += [...piece].length;
  };
  for (const line of lines) {
    const columns = columnsOf(line.cells[0] ?? "");
    const [word = ""] = columns;
    const found = TAG.exec(columns.at(-1)?.trim() ?? "");
    problem ??= line.problem ?? (found && columns.length > 1 ? undefined : "tag_unknown");
    if (text !== "" && !(UNSPACED.test(text.at(-1) ?? "") && UNSPACED.test(word))) add(" ");
    const start = points;
    add(word);
    const [, prefix = "", label = ""] = found ?? [];
    const goesOn = open !== null && open.label === label && ["I", "E", "L"].includes(prefix);
    if (goesOn && open) open.end = points;
    else if (prefix) {
      open = { start, end: points, label };
      spans.push(open);
    }
    if (!prefix || !["B", "I"].includes(prefix)) open = null;
  }
  return {
    line: lines[0]?.line ?? 0,
    cells: [text, JSON.stringify(spans)],
    raw: lines.map(({ cells }) => cells[0]).join("\n"),
    ...(problem && { problem }),
  };
}
