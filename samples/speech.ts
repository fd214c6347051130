import { CLOSINGS_INQUIRIES, FILL_INQUIRIES, OPENINGS_INQUIRIES } from "./phrases/inquiries";
import { CLOSINGS, FILL, OPENINGS } from "./phrases/ticket-parts";

/** How the phrases of the samples become messages: filled, framed and hastened, by a die that falls alike everywhere. */

/** mulberry32: small, and the same everywhere. */
export function dice(seed: number) {
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
export type Dice = ReturnType<typeof dice>;

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

export const upperFirst = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

/** People's haste: a dropped full stop, a small letter, a transposed pair. */
export function hasten(text: string, d: Dice): string {
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

export function ticket(phrase: string, d: Dice): string {
  const core = fill(phrase, FILL, d).replace("bookshelfs", "bookshelves");
  const opening = d.next() < 0.3 ? d.pick(OPENINGS) : "";
  const body = opening === "" ? upperFirst(core) : opening + core;
  const mark = QUESTION.test(core) ? "?" : ".";
  const ended = /[.!?]$/.test(body) ? body : `${body}${d.next() < 0.75 ? mark : ""}`;
  const closing = d.next() < 0.25 && /[.!?]$/.test(ended) ? fill(d.pick(CLOSINGS), FILL, d) : "";
  return hasten(ended + closing, d);
}

export function inquiry(phrase: string, d: Dice): string {
  const core = fill(phrase, FILL_INQUIRIES, d);
  const opening = d.next() < 0.3 ? d.pick(OPENINGS_INQUIRIES) : "";
  const closing = d.next() < 0.2 && !/[？！]$/.test(core) ? d.pick(CLOSINGS_INQUIRIES) : "";
  return opening + core + closing;
}
