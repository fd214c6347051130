import { headRecords } from "./csv";

/** Which delimiter a text has and whether quotes quote, judged by how evenly its head falls into cells. */

const DELIMITERS = ["\t", ";", "|", ","] as const;
const RECORDS = 500;

/** Share of records with as many cells as the first one, and how many that are. */
function evenness(head: string, delimiter: string, hasQuotes: boolean, isWhole: boolean) {
  const rows = headRecords(head, { delimiter, hasQuotes }, isWhole).slice(0, RECORDS);
  const width = rows[0]?.cells.length ?? 0;
  const even = rows.filter((row) => row.cells.length === width && row.problem === undefined).length;
  return { width, share: rows.length === 0 ? 0 : even / rows.length };
}

/**
 * Tab- and bar-separated exports often write quotes as they are. Read as quoting, a cell that begins with a
 * quote would run into the next rows, so: when plain splitting is even and quoting is not, quotes are text.
 */
export function hasQuotes(head: string, delimiter: string | undefined, isWhole: boolean): boolean {
  if (delimiter === undefined) return false;
  if (delimiter !== "\t" && delimiter !== "|") return true;
  if (!head.includes('"')) return true;
  const plain = evenness(head, delimiter, false, isWhole);
  if (plain.share < 0.98 || plain.width < 2) return true;
  // Every cell that begins with a quote is a well-formed quoted cell: then they were written by a quoting tool.
  const cells = headRecords(head, { delimiter, hasQuotes: false }, isWhole).flatMap((row) => row.cells);
  const opened = cells.filter((cell) => cell.startsWith('"'));
  return opened.every((cell) => /^"(?:[^"]|"")*"$/.test(cell));
}

function share(head: string, part: RegExp, whole: RegExp): number {
  return (head.match(part)?.length ?? 0) / Math.max(1, head.match(whole)?.length ?? 0);
}

/** Undefined when no delimiter divides the head: each line is one cell. */
export function findDelimiter(head: string, name: string, isWhole: boolean): string | undefined {
  const scored = DELIMITERS.map((delimiter) => {
    const quotes = hasQuotes(head, delimiter, isWhole);
    const { width, share } = evenness(head, delimiter, quotes, isWhole);
    const bonus = delimiter === "\t" && /\.(tsv|tab)$/i.test(name) ? 0.1 : 0;
    return { delimiter, score: width < 2 ? 0 : share + bonus };
  });
  const best = scored.reduce((a, b) => (b.score > a.score ? b : a));
  // A comma in the first of many sentences does not make a table; a header of two short names does.
  const first = headRecords(head, { delimiter: best.delimiter, hasQuotes: true }, isWhole)[0];
  const looksLikeHeader =
    first?.cells.every((cell) => cell.trim().length < 25 && !/[.!?]\s*$/.test(cell)) ?? false;
  // Commas that are nearly all followed by a space are punctuation.
  const isProse = best.delimiter === "," && share(head, /, /g, /,/g) > 0.9;
  if (isProse && !looksLikeHeader) return undefined;
  if (best.score >= (looksLikeHeader ? 0.05 : 0.5)) return best.delimiter;
  return undefined;
}
