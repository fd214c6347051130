import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { writeBaseGraph } from "../base/bert-graph";
import { type Encoder, openEncoder } from "../base/encoder";
import { openBase } from "../base/forward";
import { writeSmallBert } from "../base/small-bert.fixture";
import { openGoldenBackend } from "../golden.fixture";
import { full } from "../recipes/full";
import { lora } from "../recipes/lora";
import type { Prepared, TextModel } from "../recipes/text-recipe";
import { crossValidate } from "./labels.compare";
import type { Plan } from "./labels.rows";

const dir = mkdtempSync(join(tmpdir(), "graft-compare-"));
let encoder: Encoder;
let prepared: Prepared;
let model: TextModel;

/** Words are numbers: a text of two classes that differ in one word. Too many to be asked for at once. */
const texts = Array.from(
  { length: 1200 },
  (_, i) => `${i % 2 === 0 ? 5 : 6} ${7 + (i % 9)}${" 4".repeat(i % 5)}`,
);
const rows = texts.map((_, row) => row);
const labels = Int32Array.from(rows, (row) => row % 2);
const plan: Plan = {
  rows: { lines: rows, texts, labels, hashes: rows.map(String) },
  names: ["even", "odd"],
  train: rows,
  test: [],
  testHashes: [],
  taughtOnly: [],
  unknownLabels: 0,
};

beforeAll(async () => {
  await openGoldenBackend();
  await writeSmallBert(dir);
  await writeBaseGraph(dir);
  encoder = await openEncoder(dir);
  const base = await openBase(dir, { threads: 1 });
  const tokenize = (text: string) => Int32Array.from([1, ...text.split(" ").map(Number), 2]);
  const sequences = [...texts, "5", "6"].map(tokenize);
  const embeddings = await base.embed(sequences.map((ids) => ({ ids })));
  await base.close();
  const checkpoint = () => ({ save: async () => {}, load: async () => null });
  const tuning = { encoder, sequences, chosen: null, ordered: {}, neighbours: () => new Map(), checkpoint };
  prepared = await lora.prepare({ texts, names: ["5", "6"], embeddings, tuning });
  const few = rows.slice(0, 48);
  const options = { seed: 3, signal: new AbortController().signal, onProgress: () => {} };
  model = await prepared.fit(few, labels.slice(0, 48), 2, options);
});
afterAll(() => {
  encoder.dispose();
  rmSync(dir, { recursive: true });
});

/** Two folds of one fitted model: what is asked for is what is looked at. */
function compare(signal: AbortSignal, onAsked: () => void) {
  const asking: Prepared = {
    ...prepared,
    fit: async () => model,
    logits(one, asked) {
      onAsked();
      return prepared.logits(one, asked);
    },
  };
  return crossValidate(lora, asking, plan, 3, { signal }, () => {}, 2);
}

test("while a tuned model answers many rows the process goes on hearing and speaking", async () => {
  let turns = 0;
  const turn = () => {
    turns++;
    next = setImmediate(turn);
  };
  let next = setImmediate(turn);
  const seen: number[] = [];
  await compare(new AbortController().signal, () => seen.push(turns));
  clearImmediate(next);
  expect(seen.length).toBe(2 * 3 * 9);
  for (const [i, count] of seen.entries()) expect(count).toBeGreaterThan(seen[i - 1] ?? 0);
});

test("a comparison that is stopped while a model answers asks for no more", async () => {
  const stop = new AbortController();
  let asked = 0;
  const stopped = compare(stop.signal, () => {
    asked++;
    if (asked === 5) stop.abort();
  });
  await expect(stopped).rejects.toThrow("aborted");
  expect(asked).toBe(5);
});

test("how often each reading was right is kept with what it is, and the first of the best is the chosen one", async () => {
  const { readings, accuracy } = await compare(new AbortController().signal, () => {});
  expect(readings?.rows).toBe(1200);
  const tried = readings?.tried ?? [];
  expect(tried.map(({ strength, ngrams }) => `${strength} ${ngrams}`)).toEqual(
    [1, 0.75, 0.5].flatMap((strength) => [0, 0.5, 1].map((ngrams) => `${strength} ${ngrams}`)),
  );
  const shares = tried.map(({ value }) => value);
  expect(tried.map(({ chosen }) => chosen).indexOf(true)).toBe(shares.indexOf(Math.max(...shares)));
  expect(tried.filter(({ chosen }) => chosen).map(({ value }) => value)).toEqual([accuracy.value]);
});

test("the whole of a tuning answers where its strongest directions lose something out of fold, and only there", async () => {
  const readings = ([8, 32, "whole"] as const).map((rank) => ({ rank, strength: 1, ngrams: 0 }));
  const every = (count: number) => (row: number) => row % count === 0;
  /** By which rows each reading is wrong on. */
  const chosenOf = async (...isWrong: ((row: number) => boolean)[]) => {
    let kept = -1;
    const asking: Prepared = {
      ...prepared,
      ways: readings,
      fit: async () => model,
      readings: () => readings.map((reading) => ({ ...model, reading }) as TextModel),
      keep: (place) => {
        kept = place;
      },
      logits(one, asked) {
        const at = readings.findIndex((reading) => "reading" in one && reading === one.reading);
        return Float32Array.from(
          asked.flatMap((row) => {
            const isRight = !isWrong[at]?.(row);
            return [0, (row % 2 === 1) === isRight ? 1 : -1];
          }),
        );
      },
    };
    const found = await crossValidate(
      full,
      asking,
      plan,
      3,
      { signal: new AbortController().signal },
      () => {},
      2,
    );
    expect(found.readings?.tried[kept]?.chosen).toBe(true);
    expect(found.accuracy.value).toBe(found.readings?.tried[kept]?.value);
    return found.readings?.tried.find(({ chosen }) => chosen)?.rank;
  };
  expect(await chosenOf(every(10), every(10), every(10))).toBe(8);
  expect(await chosenOf(every(10), every(11), every(11))).toBe(32);
  // Three fewer of some hundred, and not the same ones.
  expect(await chosenOf(every(10), every(11), (row) => row > 30 && row % 11 === 5)).toBe(32);
  expect(await chosenOf(every(10), every(11), every(20))).toBe("whole");
});

test("rows that are asked for in parts are answered as all at once but for rounding, each read once a strength", async () => {
  const run = vi.spyOn(encoder, "run");
  const { logits, folds } = await compare(new AbortController().signal, () => {});
  // Of 600 rows a fold three parts, of which each is one batch.
  expect(run).toHaveBeenCalledTimes(2 * 3 * 3);
  run.mockRestore();
  const { strength, a } = prepared.effective();
  const kept = (prepared.readings?.(model) ?? []).find(
    (one) => "lora" in one && one.reading.strength === strength && one.reading.ngrams === a,
  );
  for (const fold of [0, 1]) {
    const held = rows.filter((row) => folds[row] === fold);
    const whole = prepared.logits(kept ?? model, held);
    const own = held.flatMap((row) => [...logits.subarray(2 * row, 2 * row + 2)]);
    expect(own.length).toBe(whole.length);
    expect(Math.max(...own.map((value, i) => Math.abs(value - (whole[i] ?? 9))))).toBeLessThanOrEqual(1e-6);
  }
});
