import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { csvLine } from "../lib/ml/data/csv-write";
import {
  BETWEEN_INQUIRIES,
  CLOSINGS_INQUIRIES,
  FILL_INQUIRIES,
  INQUIRIES,
  OPENINGS_INQUIRIES,
} from "./phrases/inquiries";
import { PAGES } from "./phrases/manuals";
import { ORDER_GREETINGS, ORDER_PHRASES, ORDER_VALUES } from "./phrases/orders";
import { FRAMES, MIXED, REVIEWS } from "./phrases/reviews";
import { BETWEEN, CLOSINGS, FILL, OPENINGS } from "./phrases/ticket-parts";
import { TICKETS } from "./phrases/tickets";

/**
 * The sample data sets, the same bytes on every run: hand-written phrases, filled and framed, with some
 * messages that fit two classes and some rows labelled wrongly on purpose, as in real archives.
 * Run: `npx tsx samples/make.ts`.
 */

interface Row {
  text: string;
  label: string;
}

/** mulberry32: small, and the same everywhere. */
function dice(seed: number) {
  let state = seed;
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const below = (limit: number): number => Math.floor(next() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  function shuffle<T>(list: readonly T[]): T[] {
    const copy = [...list];
    for (let at = copy.length - 1; at > 0; at--) {
      const other = below(at + 1);
      [copy[at], copy[other]] = [copy[other] as T, copy[at] as T];
    }
    return copy;
  }
  return { next, below, pick, shuffle };
}
type Dice = ReturnType<typeof dice>;

function fill(phrase: string, values: Record<string, readonly string[]>, d: Dice): string {
  let item = "";
  return phrase.replace(/\{(\p{L}+)(2?)\}/gu, (_, name: string, isSecond: string) => {
    if (name === "order" || name === "单号")
      return d.pick(["HV-", "#", ""]) + String(40_000 + d.below(9_000));
    const list = values[name] ?? [];
    const value = d.pick(isSecond === "" ? list : list.filter((one) => one !== item));
    if (name === "item") item = value;
    return value;
  });
}

const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** People's haste: a dropped full stop, a small letter, a transposed pair. */
function hasten(text: string, d: Dice): string {
  const chance = d.next();
  if (chance < 0.12) return text.toLowerCase();
  if (chance < 0.2) return text.replace(/[.!?]$/, "");
  if (chance < 0.26) {
    const at = 4 + d.below(Math.max(1, text.length - 6));
    const [a, b] = [text.charAt(at), text.charAt(at + 1)];
    if (/[a-z]/.test(a) && /[a-z]/.test(b)) return text.slice(0, at) + b + a + text.slice(at + 2);
  }
  return text;
}

const QUESTION = /^(how|where|what|which|when|why|is|are|do|does|can|could|may|will|has) /i;

function ticket(phrase: string, d: Dice): string {
  const core = fill(phrase, FILL, d).replace("bookshelfs", "bookshelves");
  const opening = d.next() < 0.3 ? d.pick(OPENINGS) : "";
  const body = opening === "" ? upperFirst(core) : opening + core;
  const mark = QUESTION.test(core) ? "?" : ".";
  const ended = /[.!?]$/.test(body) ? body : `${body}${d.next() < 0.75 ? mark : ""}`;
  const closing = d.next() < 0.25 && /[.!?]$/.test(ended) ? fill(d.pick(CLOSINGS), FILL, d) : "";
  return hasten(ended + closing, d);
}

function inquiry(phrase: string, d: Dice): string {
  const core = fill(phrase, FILL_INQUIRIES, d);
  const opening = d.next() < 0.3 ? d.pick(OPENINGS_INQUIRIES) : "";
  const closing = d.next() < 0.2 && !/[？！]$/.test(core) ? d.pick(CLOSINGS_INQUIRIES) : "";
  return opening + core + closing;
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

/** Messages with their slots as spans, one JSON object a line; an order number is made anew each time. */
function orderMails(d: Dice, count: number): string {
  const lines = new Set<string>();
  while (lines.size < count) {
    const spans: { start: number; end: number; label: string }[] = [];
    let text = d.pick(ORDER_GREETINGS);
    for (const piece of d.pick(ORDER_PHRASES).split(/(\{\w+\})/)) {
      const slot = /^\{(product|place|date|order)2?\}$/.exec(piece)?.[1];
      const value = slot === "order" ? `HV-${40_000 + d.below(9_000)}` : "";
      const said = slot ? value || d.pick(ORDER_VALUES[slot as keyof typeof ORDER_VALUES]) : piece;
      if (slot) spans.push({ start: text.length, end: text.length + said.length, label: slot });
      text += text === "" ? upperFirst(said) : said;
    }
    lines.add(`${JSON.stringify({ text: text + d.pick([".", ".", "?", ""]), spans })}\n`);
  }
  return [...lines].join("");
}

const manualQuestions = (): string =>
  csvLine(["question", "context", "answer"]) +
  PAGES.flatMap(({ text, asked }) =>
    asked.map(([question, answer]) => csvLine([question, text, answer])),
  ).join("");

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
    "order-mails.jsonl": orderMails(dice(20_260_304), 240),
    "manual-questions.csv": manualQuestions(),
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url))
  for (const [name, content] of Object.entries(makeSamples()))
    writeFileSync(new URL(name, import.meta.url), content);
