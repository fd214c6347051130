import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { csvLine } from "../lib/ml/data/csv-write";
import { BETWEEN_INQUIRIES, INQUIRIES } from "./phrases/inquiries";
import { FRAMES, MIXED, REVIEWS } from "./phrases/reviews";
import { BETWEEN } from "./phrases/ticket-parts";
import { TICKETS } from "./phrases/tickets";
import { makePieces } from "./pieces";
import { makeSeveral } from "./several";
import { type Dice, dice, hasten, inquiry, ticket } from "./speech";
import { makeTables } from "./tables";

/**
 * The sample data sets, the same bytes on every run: of texts hand-written phrases, filled and framed, with some
 * messages that fit two classes and some rows labelled wrongly on purpose, as in real archives.
 * Run: `npx tsx samples/make.ts`.
 */

interface Row {
  text: string;
  label: string;
}

/** Rows of distinct texts: `perClass` for each class, then those between two, then wrong labels. */
function compose(
  d: Dice,
  phrases: Record<string, readonly string[]>,
  between: readonly (readonly [string, string, string])[],
  counts: { perClass: number; between: number; wrong: number },
  say: (phrase: string, d: Dice) => string,
): Row[] {
  const rows: Row[] = [];
  const texts = new Set<string>();
  function add(phrase: string, label: string): boolean {
    const text = say(phrase, d);
    const key = text
      .toLowerCase()
      .replace(/[\p{P}\s]+/gu, " ")
      .trim();
    if (texts.has(key)) return false;
    texts.add(key);
    rows.push({ text, label });
    return true;
  }
  for (const [label, own] of Object.entries(phrases)) {
    // Real classes are uneven.
    const wanted = Math.round(counts.perClass * (0.7 + 0.6 * d.next()));
    for (let made = 0, tries = 0; made < wanted && tries < 50; tries++)
      for (const phrase of d.shuffle(own)) if (made < wanted && add(phrase, label)) made++;
  }
  for (let made = 0, tries = 0; made < counts.between && tries < 1000; tries++) {
    const [phrase, one, other] = d.pick(between);
    if (add(phrase, d.next() < 0.5 ? one : other)) made++;
  }
  const confusable = new Map<string, string[]>();
  for (const [, one, other] of between) {
    confusable.set(one, [...(confusable.get(one) ?? []), other]);
    confusable.set(other, [...(confusable.get(other) ?? []), one]);
  }
  const mixed = d.shuffle(rows);
  for (const row of mixed.slice(0, counts.wrong))
    row.label = d.pick(confusable.get(row.label) ?? [row.label]);
  return d.shuffle(mixed);
}

function reviews(): Row[] {
  const pairs: Record<string, string[]> = {};
  // One remark alone, and every remark followed by another of the same mood.
  for (const [mood, said] of Object.entries(REVIEWS))
    pairs[mood] = said.flatMap((first, at) => [
      first,
      `${first} ${said[(at * 7 + 3) % said.length]}`,
      `${first} ${said[(at * 5 + 11) % said.length]}`,
    ]);
  const counts = { perClass: 125, between: 34, wrong: 14 };
  return compose(dice(20_260_302), pairs, MIXED, counts, (phrase, d) => {
    const [before, after] = d.pick(FRAMES);
    return hasten(before + phrase + after, d);
  });
}

function asCsv(rows: readonly Row[]): string {
  return csvLine(["text", "label"]) + rows.map(({ text, label }) => csvLine([text, label])).join("");
}

/** File name to content. */
export function makeSamples(): Record<string, string> {
  const tickets = compose(
    dice(20_260_301),
    TICKETS,
    BETWEEN,
    { perClass: 47, between: 34, wrong: 15 },
    ticket,
  );
  const inquiries = compose(
    dice(20_260_303),
    INQUIRIES,
    BETWEEN_INQUIRIES,
    { perClass: 54, between: 24, wrong: 10 },
    inquiry,
  );
  return {
    "support-tickets.csv": asCsv(tickets),
    "reviews.csv": asCsv(reviews()),
    "zh-inquiries.csv": asCsv(inquiries),
    ...makeSeveral(),
    ...makePieces(),
    ...makeTables(),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, content] of Object.entries(makeSamples()))
    writeFileSync(new URL(name, import.meta.url), content);
