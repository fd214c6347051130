/** Keys that do something else while labelling. */
export const OTHER_KEYS = { none: "0", skip: "s", undo: "u" } as const;

const taken = new Set<string>(Object.values(OTHER_KEYS));
const KEYS = [..."123456789abcdefghijklmnopqrstuvwxyz"].filter((key) => !taken.has(key));

/** The key of the class at a place; null for those beyond the last letter. */
export const keyOf = (place: number): string | null => KEYS[place] ?? null;

/** The place of the class with this key; -1 when there is none. */
export const placeOfKey = (key: string): number => KEYS.indexOf(key.toLowerCase());
