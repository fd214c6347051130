/** The scripts of Unicode that customers' texts are most likely in; a script tells what a base can read, a language does not. */
const SCRIPTS = [
  ["Latin", /\p{Script=Latin}/gu],
  ["Han", /\p{Script=Han}/gu],
  ["Kana", /[\p{Script=Hiragana}\p{Script=Katakana}]/gu],
  ["Hangul", /\p{Script=Hangul}/gu],
  ["Cyrillic", /\p{Script=Cyrillic}/gu],
  ["Greek", /\p{Script=Greek}/gu],
  ["Arabic", /\p{Script=Arabic}/gu],
  ["Hebrew", /\p{Script=Hebrew}/gu],
  ["Devanagari", /\p{Script=Devanagari}/gu],
  ["Thai", /\p{Script=Thai}/gu],
] as const;
const READ = 300;

/** The script that most letters at the beginning of the text are of; null where there are no letters. */
function scriptOf(text: string): string | null {
  const head = text.slice(0, READ);
  const letters = head.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return null;
  const counted = SCRIPTS.map(([name, pattern]) => ({ name, n: head.match(pattern)?.length ?? 0 }));
  // Kana marks Japanese, however many of its letters are Han.
  if ((counted.find(({ name }) => name === "Kana")?.n ?? 0) > letters / 10) return "Kana";
  const most = counted.reduce((a, b) => (b.n > a.n ? b : a));
  return most.n >= letters / 2 ? most.name : "Other";
}

/** Rows by script, the most frequent first; rows without letters are in none. */
export function countScripts(texts: readonly string[]): { script: string; rows: number }[] {
  const rows = new Map<string, number>();
  for (const text of texts) {
    const script = scriptOf(text);
    if (script) rows.set(script, (rows.get(script) ?? 0) + 1);
  }
  return [...rows].map(([script, n]) => ({ script, rows: n })).sort((a, b) => b.rows - a.rows);
}
