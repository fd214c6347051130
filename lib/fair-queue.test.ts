import fc from "fast-check";
import { expect, test } from "vitest";
import { createFairQueue, type Waiting } from "./fair-queue";

interface Row extends Waiting {
  id: number;
}
const row = (tenantId: string, tokens: number, id = 0, line = 0): Row => ({
  ...{ tenantId, tokens, line, id },
  isOver: () => false,
});
const filled = (rows: readonly Row[]) => {
  const queue = createFairQueue<Row>(2);
  for (const one of rows) queue.add(one);
  return queue;
};
const someRows = fc.array(
  fc.record({
    tenantId: fc.constantFrom("a", "b", "c"),
    tokens: fc.integer({ min: 1, max: 50 }),
    line: fc.nat(1),
  }),
  { maxLength: 60 },
);

test("every row is taken once, and those of one tenant and line in the order in which they came", () => {
  fc.assert(
    fc.property(someRows, (given) => {
      const rows = given.map(({ tenantId, tokens, line }, id) => row(tenantId, tokens, id, line));
      const queue = filled(rows);
      const taken: Row[] = [];
      for (let next = queue.take(); next; next = queue.take()) taken.push(next);
      expect(queue.waiting()).toBe(0);
      expect(taken.map(({ id }) => id).sort((a, b) => a - b)).toEqual(rows.map(({ id }) => id));
      for (const tenantId of "abc")
        for (const line of [0, 1]) {
          const own = taken.filter((one) => one.tenantId === tenantId && one.line === line);
          expect(own.map(({ id }) => id)).toEqual(own.map(({ id }) => id).sort((a, b) => a - b));
        }
    }),
  );
});

test("tenants who always have rows waiting never differ by more than their two largest rows", () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 256 }), { minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(sizes, sizes, (a, b) => {
      const queue = filled([...a.map((tokens) => row("a", tokens)), ...b.map((tokens) => row("b", tokens))]);
      const had = { a: 0, b: 0 };
      while (queue.waiting("a") > 0 && queue.waiting("b") > 0) {
        const next = queue.take();
        if (next) had[next.tenantId as "a" | "b"] += next.tokens;
        expect(Math.abs(had.a - had.b)).toBeLessThanOrEqual(Math.max(...a) + Math.max(...b));
      }
    }),
  );
});

test("who comes back after a pause has the next turn, and is not paid for the pause", () => {
  const queue = filled(Array.from({ length: 100 }, () => row("busy", 10)));
  queue.add(row("rare", 10));
  for (let n = 0; n < 50; n++) queue.take();
  for (let n = 0; n < 10; n++) queue.add(row("rare", 10));
  const next = Array.from({ length: 8 }, () => queue.take()?.tenantId);
  expect(next.filter((tenantId) => tenantId === "rare")).toHaveLength(4);
  expect(next.slice(0, 2)).toContain("rare");
});

test("one who empties the queue at every turn has no more than one who always waits", () => {
  const queue = createFairQueue<Row>(1);
  for (let n = 0; n < 20; n++) queue.add(row("waits", 10));
  const taken: string[] = [];
  for (let n = 0; n < 20; n++) {
    if (queue.waiting("returns") === 0) queue.add(row("returns", 10));
    taken.push(queue.take()?.tenantId ?? "");
  }
  expect(taken.filter((tenantId) => tenantId === "returns")).toHaveLength(10);
});
