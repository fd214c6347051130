import { existsSync, readFileSync } from "node:fs";
import { createTranslator } from "next-intl";
import { describe, expect, it } from "vitest";

const root = new URL("../messages/", import.meta.url);
const read = (name: string): Record<string, unknown> => JSON.parse(readFileSync(new URL(name, root), "utf8"));

/** Every text of a file by its dotted key. */
function textsOf(tree: Record<string, unknown>, path = ""): Map<string, string> {
  return new Map(
    Object.entries(tree).flatMap(([key, value]) =>
      typeof value === "string"
        ? [[path + key, value] as const]
        : [...textsOf(value as Record<string, unknown>, `${path}${key}.`)],
    ),
  );
}
/** The values and tags that a text asks for (not the words of a plural), whatever the language puts around them. */
const slotsOf = (text: string) =>
  [
    ...new Set([...text.matchAll(/\{(\w+)\s*[,}]|<(\w+)>/g)].map(([, value, tag]) => value ?? `<${tag}>`)),
  ].sort();

describe.each(
  [
    "",
    "portal.",
    "insight.",
    "settings.",
    "labelling.",
    "billing.",
    "projects.",
    "readiness.",
    "operations.",
    "serving.",
  ].filter((prefix) => existsSync(new URL(`${prefix}en.json`, root))),
)("messages/%s{en,zh}.json", (prefix) => {
  const [en, zh] = [textsOf(read(`${prefix}en.json`)), textsOf(read(`${prefix}zh.json`))];

  it("has the same keys in both languages", () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort());
  });

  it("asks for the same values in both languages, and no text is empty", () => {
    for (const [key, text] of en) {
      expect(slotsOf(zh.get(key) ?? ""), key).toEqual(slotsOf(text));
      expect(text.trim() && zh.get(key)?.trim(), key).toBeTruthy();
    }
  });

  it("is well formed", () => {
    for (const locale of ["en", "zh"] as const) {
      const messages = read(`${prefix}${locale}.json`);
      const onError = (error: Error) => {
        throw error;
      };
      const t = createTranslator({ locale, messages: messages as never, onError });
      for (const [key, text] of textsOf(messages)) {
        const slots = slotsOf(text).map((slot) =>
          slot.startsWith("<") ? [slot.slice(1, -1), (chunks: unknown) => chunks] : [slot, 1],
        );
        expect(t.rich(key as never, Object.fromEntries(slots)), key).toBeTruthy();
      }
    }
  });
});
