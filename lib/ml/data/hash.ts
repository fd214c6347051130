/**
 * Sets of texts without the texts: 64-bit hashes in typed arrays. Three million rows take about 100 MB,
 * where a Map of strings takes more than the file.
 */

/** Two independent 32-bit multiplicative hashes of the UTF-16 units (after cyrb53). Not for adversaries. */
export function hash64(text: string): readonly [number, number] {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 2654435761);
    b = Math.imul(b ^ code, 1597334677);
  }
  a = Math.imul(a ^ (a >>> 16), 2246822507) ^ Math.imul(b ^ (b >>> 13), 3266489909);
  b = Math.imul(b ^ (b >>> 16), 2246822507) ^ Math.imul(a ^ (a >>> 13), 3266489909);
  // An empty slot is (0, 0).
  return [a >>> 0, (b | 1) >>> 0];
}

/** Beyond this many different texts no new one is remembered; what is known stays comparable. */
const MAX_ENTRIES = 4_000_000;

/** Open addressing; each text carries as many numbers of the caller's as `values` says. */
export function hashTable(values: 0 | 2) {
  /** Words a slot: hash high, hash low, and the values. */
  const words = 2 + values;
  let capacity = 1 << 12;
  let size = 0;
  let slots = new Uint32Array(capacity * words);

  /** Index of the text's slot, or of the free one where it belongs. */
  function place(table: Uint32Array, room: number, high: number, low: number): number {
    let at = high & (room - 1);
    while (table[at * words + 1] !== 0 && (table[at * words] !== high || table[at * words + 1] !== low))
      at = (at + 1) & (room - 1);
    return at * words;
  }

  function grow(): void {
    const next = new Uint32Array(capacity * 2 * words);
    for (let at = 0; at < slots.length; at += words) {
      if (slots[at + 1] === 0) continue;
      const to = place(next, capacity * 2, slots[at] ?? 0, slots[at + 1] ?? 0);
      for (let word = 0; word < words; word++) next[to + word] = slots[at + word] ?? 0;
    }
    slots = next;
    capacity *= 2;
  }

  return {
    /** The two numbers stored with the text, or null after storing these. */
    add(text: string, first = 0, second = 0): { at: number; first: number; second: number } | null {
      const [high, low] = hash64(text);
      let at = place(slots, capacity, high, low);
      if (slots[at + 1] !== 0)
        return values === 0
          ? { at, first: 0, second: 0 }
          : { at, first: slots[at + 2] ?? 0, second: slots[at + 3] ?? 0 };
      if (size >= MAX_ENTRIES) return null;
      if (++size * 4 > capacity * 3) {
        grow();
        at = place(slots, capacity, high, low);
      }
      slots[at] = high;
      slots[at + 1] = low;
      if (values === 2) {
        slots[at + 2] = first;
        slots[at + 3] = second;
      }
      return null;
    },
    has(text: string): boolean {
      const [high, low] = hash64(text);
      return slots[place(slots, capacity, high, low) + 1] !== 0;
    },
    /** Replaces the second number of the entry at `at`, as `add` returned it. */
    setSecond(at: number, second: number): void {
      slots[at + 3] = second;
    },
  };
}
