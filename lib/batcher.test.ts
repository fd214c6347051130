import { expect, test } from "vitest";
import { createBatcher } from "./batcher";
import type { Sequence } from "./ml/task";

/** Rows carry their value in the first id; the base answers it, when it is told to go on. */
const row = (value: number, length = 4): Sequence => ({ ids: new Int32Array(length).fill(value) });
const rows = (count: number, value: number, length = 4) =>
  Array.from({ length: count }, () => row(value, length));
const tick = () => new Promise((done) => setImmediate(done));

function slowBase() {
  const batches: number[][] = [];
  const lengths: number[][] = [];
  let release: (() => void) | undefined;
  return {
    batches,
    lengths,
    embed(batch: readonly Sequence[]) {
      batches.push(batch.map(({ ids }) => ids[0] ?? -1));
      lengths.push(batch.map(({ ids }) => ids.length));
      const answer = batch.map(({ ids }) => Float32Array.of(ids[0] ?? -1));
      return new Promise<Float32Array[]>((done) => {
        release = () => done(answer);
      });
    },
    async go() {
      release?.();
      await tick();
      await tick();
    },
    async goUntil(promise: Promise<unknown>) {
      let isDone = false;
      const end = promise.finally(() => {
        isDone = true;
      });
      while (!isDone) await this.go();
      return end;
    },
  };
}

test("rows of different tenants and calls share a batch and every answer goes to its own caller", async () => {
  const base = slowBase();
  const batcher = createBatcher(base);
  const busy = batcher.run("t0", rows(1, 9));
  await tick();
  const calls = [batcher.run("a", [row(1), row(2)]), batcher.run("b", [row(3)]), batcher.run("a", [row(4)])];
  const all = Promise.all([busy, ...calls]);
  await base.goUntil(all);
  expect((await all).map((answer) => answer.map((vector) => vector[0]))).toEqual([[9], [1, 2], [3], [4]]);
  expect(base.batches.length).toBe(2);
});

test("a single row of one tenant is not held up by thousands of another", async () => {
  const base = slowBase();
  const batcher = createBatcher({ ...base, maxRows: 8 });
  const big = batcher.run("big", rows(2000, 1));
  await tick();
  const small = batcher.run("small", [row(2)]);
  await base.goUntil(small);
  expect(base.batches[1]).toContain(2);
  await base.goUntil(big);
});

test("a batch holds rows of like length and stays within its tokens", async () => {
  const base = slowBase();
  const batcher = createBatcher({ ...base, maxTokens: 256 });
  const mixed = Array.from({ length: 40 }, (_, n) => row(n, n % 2 === 0 ? 10 : 120));
  const all = batcher.run("a", mixed);
  await base.goUntil(all);
  expect((await all).map((vector) => vector[0])).toEqual(mixed.map(({ ids }) => ids[0]));
  for (const lengths of base.lengths) {
    expect(new Set(lengths).size).toBe(1);
    expect(Math.max(...lengths) * lengths.length).toBeLessThanOrEqual(256);
  }
});

test("an aborted call is dropped before it is computed, and leaves its place in the queue", async () => {
  const base = slowBase();
  const batcher = createBatcher({ ...base, maxWaiting: 10 });
  const busy = batcher.run("a", [row(1)]);
  await tick();
  const stop = new AbortController();
  const gone = batcher.run("b", rows(9, 2), stop.signal);
  stop.abort(new Error("gone"));
  await expect(gone).rejects.toThrow("gone");
  expect(batcher.waiting()).toBe(0);
  const next = batcher.run("c", rows(10, 3));
  await base.goUntil(Promise.all([busy, next]));
  expect(base.batches.flat()).not.toContain(2);
});

test("a full queue answers overloaded with the time to wait, one tenant's share first", async () => {
  const base = slowBase();
  const batcher = createBatcher({ ...base, maxRows: 1, maxWaiting: 10, maxWaitingOfTenant: 5 });
  const busy = batcher.run("a", [row(1)]);
  await tick();
  const kept = batcher.run("a", rows(5, 1));
  const overloaded = { code: "overloaded", options: { retryAfterMs: expect.any(Number) } };
  await expect(batcher.run("a", [row(1)])).rejects.toMatchObject(overloaded);
  const others = batcher.run("b", rows(5, 2));
  await expect(batcher.run("c", [row(3)])).rejects.toMatchObject(overloaded);
  await base.goUntil(Promise.all([busy, kept, others]));
  expect(batcher.waiting()).toBe(0);
});

test("a base that fails answers its own batch with the error and works on", async () => {
  let isBroken = true;
  const batcher = createBatcher({
    async embed(batch) {
      if (isBroken) throw new Error("broken");
      return batch.map(({ ids }) => Float32Array.of(ids[0] ?? -1));
    },
  });
  await expect(batcher.run("a", [row(1)])).rejects.toThrow("broken");
  isBroken = false;
  expect(await batcher.run("a", [row(7)])).toEqual([Float32Array.of(7)]);
});

test("rows in int8 share batches whosever they are, and never with rows in float32", async () => {
  const base = slowBase();
  const batcher = createBatcher(base);
  const int8 = (value: number): Sequence => ({ ...row(value), precision: "int8" });
  const first = batcher.run("a", [row(0)]);
  await tick();
  const rest = Promise.all([
    batcher.run("a", [row(1), int8(2)]),
    batcher.run("b", [int8(3), { ...row(4), precision: "float32" }]),
  ]);
  await base.goUntil(first);
  await base.goUntil(rest);
  expect(base.batches.map((batch) => batch.toSorted()).toSorted()).toEqual([[0], [1, 4], [2, 3]]);
});

test("rows with adapters share batches whosever they are, and never with rows that have none", async () => {
  const base = slowBase();
  const batcher = createBatcher(base);
  const adapted = (value: number, key: string): Sequence => ({
    ...row(value),
    adapter: { key, lora: { shape: { rank: 1, alpha: 1, targets: [], fromLayer: 0 }, pairs: [] } },
  });
  const all = [batcher.run("a", [row(1), adapted(2, "x")]), batcher.run("b", [adapted(3, "y"), row(4)])];
  await base.goUntil(Promise.all(all));
  expect(base.batches.map((batch) => batch.toSorted())).toEqual([
    [1, 4],
    [2, 3],
  ]);
});

test("a few rows of who has nothing in a large batch go beside it, and nobody else's do", async () => {
  const [bulk, soon] = [slowBase(), slowBase()];
  const batcher = createBatcher({ embed: bulk.embed, embedSoon: soon.embed });
  const large = batcher.run("large", rows(64, 1, 16));
  await tick();
  const more = batcher.run("large", [row(2)]);
  const many = batcher.run("many", rows(5, 3));
  const few = batcher.run("few", [row(4)]);
  await soon.goUntil(few);
  expect(soon.batches).toEqual([[4]]);
  await bulk.goUntil(Promise.all([large, more, many]));
  expect(soon.batches).toEqual([[4]]);
});

test("beside a small batch, which is over as soon, no row goes", async () => {
  const [bulk, soon] = [slowBase(), slowBase()];
  const batcher = createBatcher({ embed: bulk.embed, embedSoon: soon.embed });
  const small = batcher.run("small", [row(1)]);
  await tick();
  const next = batcher.run("next", [row(2)]);
  await bulk.goUntil(Promise.all([small, next]));
  expect(soon.batches).toEqual([]);
});

test("a few rows do not join what would be a large batch: they go by themselves at the same time", async () => {
  const [bulk, soon] = [slowBase(), slowBase()];
  const batcher = createBatcher({ embed: bulk.embed, embedSoon: soon.embed });
  const all = Promise.all([batcher.run("large", rows(64, 1, 16)), batcher.run("few", rows(2, 2))]);
  await tick();
  expect([bulk.batches[0]?.length, soon.batches]).toEqual([64, [[2, 2]]]);
  await Promise.all([soon.goUntil(tick()), bulk.goUntil(all)]);
});

test("a call whose turn would come after its deadline is refused at once with the time to wait, and nothing of it is computed", async () => {
  const base = slowBase();
  const batcher = createBatcher({ ...base, maxRows: 8 });
  const soon = () => performance.now() + 200;
  const first = batcher.run("a", rows(80, 1), undefined, soon());
  await tick();
  // A batch of eight takes at least so long: some hundred rows a second.
  for (let n = 0; n < 3; n++) {
    await new Promise((done) => setTimeout(done, 50));
    await base.go();
  }
  const late = { code: "overloaded", options: { retryAfterMs: expect.any(Number) } };
  await expect(batcher.run("a", rows(80, 2), undefined, soon())).rejects.toMatchObject(late);
  const patient = batcher.run("a", rows(8, 3), undefined, performance.now() + 60_000);
  await base.goUntil(Promise.all([first, patient]));
  expect(base.batches.flat()).not.toContain(2);
});
