import { expect, test, vi } from "vitest";
import { createSessionPool } from "./session-pool";

/** Sessions of one byte that say when they are open, and how many bytes were at most. */
function watched(maxBytes: number) {
  const pool = createSessionPool<{ key: string; close(): Promise<void> }>(maxBytes);
  const open: string[] = [];
  let [opened, most] = [0, 0];
  const of = (key: string, sizeBytes = 1) => ({
    sizeBytes,
    async open() {
      opened++;
      open.push(key);
      most = Math.max(most, open.length, pool.sizeBytes());
      await new Promise((done) => setImmediate(done));
      return {
        key,
        async close() {
          open.splice(open.indexOf(key), 1);
        },
      };
    },
  });
  const ask = (key: string, work: () => Promise<unknown> = async () => {}) =>
    pool.use(key, of(key), (session) => work().then(() => session.key));
  return { pool, open, of, ask, opened: () => opened, most: () => most };
}
/** A piece of work that ends when it is told to. */
function held() {
  let end = () => {};
  const until = new Promise<void>((done) => {
    end = done;
  });
  return { work: () => until, end: () => end() };
}

test("two who ask at once wait for one opening, and the next one finds it open", async () => {
  const { ask, opened } = watched(4);
  expect(await Promise.all([ask("a"), ask("a"), ask("a")])).toEqual(["a", "a", "a"]);
  expect(await ask("a")).toBe("a");
  expect(opened()).toBe(1);
});

test("beyond its bytes the pool lets go of what was asked least recently, and opens it again when it is asked", async () => {
  const { pool, open, ask, opened, most } = watched(2);
  for (const key of ["a", "b", "a", "c"]) await ask(key);
  expect(open).toEqual(["a", "c"]);
  await ask("b");
  expect(open).toEqual(["c", "b"]);
  expect([opened(), most(), pool.sizeBytes()]).toEqual([4, 2, 2]);
});

test("under calls from all sides no more is open than may be, and each is answered by its own", async () => {
  const { ask, most, opened } = watched(3);
  const keys = Array.from({ length: 200 }, (_, i) => `k${(i * 7) % 11}`);
  const pause = (i: number) => () => new Promise((done) => setTimeout(done, i % 4));
  expect(await Promise.all(keys.map((key, i) => ask(key, pause(i))))).toEqual(keys);
  expect(most()).toBe(3);
  expect(opened()).toBeGreaterThanOrEqual(11);
});

test("what is in use is not released under its caller, and whoever asks for it meanwhile stands behind the newcomer", async () => {
  const { open, ask } = watched(1);
  const { work, end } = held();
  const order: string[] = [];
  const first = ask("a", work).then(() => order.push("first a"));
  await vi.waitUntil(() => open.includes("a"));
  const newcomer = ask("b").then(() => order.push("b"));
  await new Promise((done) => setTimeout(done, 5));
  expect(open).toEqual(["a"]);
  const second = ask("a").then(() => order.push("second a"));
  end();
  await Promise.all([first, newcomer, second]);
  expect(order).toEqual(["first a", "b", "second a"]);
});

test("what is larger than the whole pool is alone in it", async () => {
  const { pool, open, of, ask } = watched(2);
  await ask("a");
  await pool.use("large", of("large", 9), async () => {});
  expect(open).toEqual(["large"]);
  await ask("a");
  expect(open).toEqual(["a"]);
});

test("who cannot wait goes, and what failed to open is tried again", async () => {
  const { pool, of, ask, opened } = watched(2);
  const failing = { sizeBytes: 1, open: () => Promise.reject(new Error("no memory")) };
  await expect(pool.use("a", failing, async () => {})).rejects.toThrow("no memory");
  expect(pool.sizeBytes()).toBe(0);
  const gone = new AbortController();
  const impatient = pool.use("a", of("a"), async () => {}, gone.signal);
  gone.abort(new Error("gone"));
  await expect(impatient).rejects.toThrow("gone");
  expect(await ask("a")).toBe("a");
  expect(opened()).toBe(1);
});

test("what nobody asked for in a while is let go, and closing waits for what is in use", async () => {
  const { pool, open, ask } = watched(2);
  await ask("a");
  const { work, end } = held();
  const working = ask("b", work);
  await vi.waitUntil(() => open.includes("b"));
  pool.sweep(performance.now());
  await vi.waitUntil(() => !open.includes("a"));
  const closing = pool.close();
  expect(open).toEqual(["b"]);
  end();
  await Promise.all([working, closing]);
  expect([open, pool.sizeBytes()]).toEqual([[], 0]);
});
