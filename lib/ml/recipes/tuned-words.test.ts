import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeBaseGraph } from "../base/bert-graph";
import { type Encoder, openEncoder } from "../base/encoder";
import { type OpenBase, openBase } from "../base/forward";
import { foldScale, type Lora } from "../base/lora-shape";
import { writeSmallBert } from "../base/small-bert.fixture";
import { gatherWords, type Window } from "../base/windows";
import { createWordSplitter } from "../base/words";
import type { Hyperparameters } from "../contract";
import { openGoldenBackend } from "../golden.fixture";
import type { Tokenize } from "../task";
import type { Checkpoint } from "../train/loop";
import type { Readable } from "./adapter-readings";
import { loraAnswerer } from "./answer-lora";
import { bestAnswer, createQuestionReader, scoreAnswers } from "./answerer";
import { loraTagger } from "./tag-lora";
import { createReader, scoreWords } from "./tagger";

/** A base of which words are numbers, eight wide and sixteen tokens long, so that longer texts need windows. */
const dir = mkdtempSync(join(tmpdir(), "graft-tuned-words-"));
const HIDDEN = 8;
const MAX_TOKENS = 16;
let encoder: Encoder;
let base: OpenBase;

const tokenize: Tokenize = (text) => ({
  ids: Int32Array.from([1, ...(text.match(/\d+/g) ?? []).map(Number), 2]),
  truncated: false,
});
const split = createWordSplitter(tokenize);
const options = { seed: 3, signal: new AbortController().signal, onProgress: () => {} };
const none: Checkpoint = { save: async () => {}, load: async () => null };
const tuningOf = (ordered: Hyperparameters = {}) => ({ encoder, ordered, checkpoint: () => none });

beforeAll(async () => {
  await openGoldenBackend();
  await writeSmallBert(dir);
  await writeBaseGraph(dir);
  encoder = await openEncoder(dir);
  base = await openBase(dir, { threads: 1 });
});
afterAll(async () => {
  encoder.dispose();
  await base.close();
  rmSync(dir, { recursive: true });
});

/** Words' vectors as serving reads them; with an adapter as its stored form. */
async function serve(texts: readonly { windows: readonly Window[] }[], lora?: Lora | null) {
  const adapter = lora ? { key: "tuned", lora: foldScale(lora) } : null;
  return Promise.all(
    texts.map(async ({ windows }) => {
      const asked = windows.map(({ ids }) => ({ ids, isPerToken: true, ...(adapter && { adapter }) }));
      return gatherWords(windows, await base.embed(asked), HIDDEN);
    }),
  );
}
/** Gradients of single words need a kernel that WebAssembly has not; the engine refuses these recipes there. */
const tuned = test.skipIf((process.env.GRAFT_TEST_BACKEND ?? "wasm") === "wasm");
const largest = (a: Float32Array, b: Float32Array) =>
  a.reduce((most, value, i) => Math.max(most, Math.abs(value - (b[i] ?? 9))), 0);

tuned(
  "a tuned tagger tells apart the word that it was taught, and serving scores as training did, over windows too",
  async () => {
    const read = createReader(split, { tokenize, maxTokens: MAX_TOKENS });
    const texts = Array.from({ length: 40 }, (_, i) =>
      read(`${7 + (i % 9)} ${i % 2 ? 5 : 6} ${8 + (i % 4)} 9 ${i % 10 === 0 ? "7 ".repeat(14) : ""}4`),
    );
    const tags = texts.map(({ words }, i) =>
      Int32Array.from(words.spans, (_, word) => Number(i % 2 === 1 && word === 1)),
    );
    const rows = [...texts.keys()];
    const data = { texts, hidden: HIDDEN, vectors: await serve(texts), tuning: tuningOf() };
    const prepared = loraTagger.prepare(data);
    const tagger = await prepared.fit(rows, tags, 1, options);
    expect(tagger.features).not.toBeNull();
    const trained = prepared.scores(tagger, rows);
    const served = await serve(texts, tagger.lora);
    const margins: [number[], number[]] = [[], []];
    for (const [i, one] of texts.entries()) {
      const scores = scoreWords(tagger, one, served[i] as Float32Array);
      expect(largest(scores, trained[i] as Float32Array)).toBeLessThanOrEqual(1e-3);
      // How much rather the second word begins a span than stands outside of one.
      margins[i % 2]?.push((scores[4] as number) - (scores[3] as number));
    }
    const [others, marked] = margins;
    const mean = (list: number[]) => list.reduce((a, b) => a + b, 0) / list.length;
    expect(mean(marked)).toBeGreaterThan(mean(others));
  },
);

tuned(
  "a tuned answerer finds the word behind the one that is asked for, and serves what it was trained to",
  async () => {
    const read = createQuestionReader(split, { tokenize, maxTokens: MAX_TOKENS });
    const asked = Array.from({ length: 48 }, (_, i) => {
      const words = [7, 8, 9, 10, 11, 12].map((word) => word + (i % 3));
      return { question: String(words[i % 5]), context: words.join(" "), answer: (i % 5) + 1 };
    });
    const texts = asked.map(read);
    const answers = asked.map(({ answer }) => ({ first: answer, last: answer }));
    const rows = [...texts.keys()];
    const data = { texts, hidden: HIDDEN, vectors: await serve(texts), tuning: tuningOf() };
    const prepared = loraAnswerer.prepare(data);
    const answerer = await prepared.fit(rows, answers, options);
    const trained = prepared.logits(answerer, rows);
    const served = await serve(texts, answerer.lora);
    const right = rows.filter((row) => {
      const logits = scoreAnswers(
        answerer.head,
        texts[row] as (typeof texts)[number],
        served[row] as Float32Array,
      );
      expect(largest(logits, trained[row] as Float32Array)).toBeLessThanOrEqual(1e-3);
      return bestAnswer(logits, 1)?.first === answers[row]?.first;
    });
    expect(right.length).toBeGreaterThanOrEqual(44);
  },
);

tuned("ordered epochs, batches, rate and rank are those of a tuned tagger and a tuned answerer", async () => {
  const tuning = tuningOf({
    epochs: 2,
    batchSize: 8,
    learningRateMultiplier: 0.5,
    lora: { rank: 4, layers: 1 },
  });
  const ran = { epochs: 2, batchSize: 8, rate: 1e-3, rateMultiplier: 0.5, rank: 4, alpha: 8, layers: 1 };
  let steps = 0;
  const counting = {
    ...options,
    onProgress: () => {
      steps++;
    },
  };
  const read = createReader(split, { tokenize, maxTokens: MAX_TOKENS });
  const texts = Array.from({ length: 20 }, (_, i) => read(`${7 + (i % 9)} ${i % 2 ? 5 : 6} 9`));
  const tags = texts.map((_, i) => Int32Array.from([0, i % 2, 0]));
  const data = { texts, hidden: HIDDEN, vectors: await serve(texts), tuning };
  const tagging = loraTagger.prepare(data);
  const tagger = await tagging.fit([...texts.keys()], tags, 1, counting);
  expect(steps).toBe(2 * Math.ceil(20 / 8));
  expect(tagging.effective?.()).toMatchObject(ran);
  const served = await serve(texts, tagger.lora);
  const trained = tagging.scores(tagger, [...texts.keys()]);
  for (const [i, one] of texts.entries())
    expect(
      largest(scoreWords(tagger, one, served[i] as Float32Array), trained[i] as Float32Array),
    ).toBeLessThanOrEqual(1e-3);

  const ask = createQuestionReader(split, { tokenize, maxTokens: MAX_TOKENS });
  const asked = Array.from({ length: 20 }, (_, i) =>
    ask({ question: String(7 + (i % 3)), context: "7 8 9 10" }),
  );
  const answering = loraAnswerer.prepare({ ...data, texts: asked, vectors: await serve(asked) });
  steps = 0;
  const spans = asked.map((_, i) => ({ first: 1 + (i % 3), last: 1 + (i % 3) }));
  const answerer = await answering.fit([...asked.keys()], spans, counting);
  expect(steps).toBe(2 * Math.ceil(20 / 8));
  expect(answerer.lora?.shape).toMatchObject({ rank: 4, alpha: 8 });
  expect(answering.effective?.()).toMatchObject({ ...ran, headRate: 5e-4 });
});

tuned("a kept strength is that of a tagger's and an answerer's later fits", async () => {
  const tuning = tuningOf({ epochs: 1, lora: { rank: 4 } });
  const words = Array.from({ length: 20 }, (_, i) => `${7 + (i % 9)} ${i % 2 ? 5 : 6} 9 8`);
  const read = createReader(split, { tokenize, maxTokens: MAX_TOKENS });
  const ask = createQuestionReader(split, { tokenize, maxTokens: MAX_TOKENS });
  const [texts, asked] = [words.map(read), words.map((context) => ask({ question: "5", context }))];
  const rows = [...words.keys()];
  const tags = words.map((_, i) => Int32Array.from([0, i % 2, 0, 0]));
  const spans = words.map(() => ({ first: 1, last: 1 }));
  const tagging = loraTagger.prepare({ texts, hidden: HIDDEN, vectors: await serve(texts), tuning });
  const answering = loraAnswerer.prepare({
    ...{ texts: asked, hidden: HIDDEN, vectors: await serve(asked), tuning },
  });
  await expectKept(
    tagging,
    () => tagging.fit(rows, tags, 1, options),
    (model) => tagging.scores(model, rows),
  );
  await expectKept(
    answering,
    () => answering.fit(rows, spans, options),
    (model) => answering.logits(model, rows),
  );
});

async function expectKept<Model>(
  prepared: Readable<Model> & { effective?(): Record<string, number> },
  teach: () => Promise<Model>,
  scored: (model: Model) => Float32Array[],
) {
  const model = await teach();
  const [full, most] = prepared.readings?.(model) ?? [];
  if (!full || !most) throw new Error("a model is read at several strengths");
  expect(prepared.ways?.map(({ rank, strength }) => [rank, strength])).toEqual([
    [4, 1],
    [4, 0.75],
    [4, 0.5],
  ]);
  expect(scored(full)).toEqual(scored(model));
  expect(scored(most)).not.toEqual(scored(model));
  expect(prepared.effective?.()).toMatchObject({ strength: 1 });
  prepared.keep?.(1);
  expect(prepared.effective?.()).toMatchObject({ strength: 0.75 });
  expect(scored(await teach())).toEqual(scored(most));
}
