import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { writeBaseGraph } from "./bert-graph";
import { embedTexts } from "./embeddings";
import { type OpenBase, openBase } from "./forward";
import { SMALL_BERT, writeSmallBert, writeSmallTokenizer } from "./small-bert.fixture";
import { openTokenizer } from "./tokenizer";

const root = mkdtempSync(join(tmpdir(), "graft-embeddings-"));
const dir = join(root, "base");
let base: OpenBase;

beforeAll(async () => {
  mkdirSync(dir);
  await writeSmallBert(dir);
  writeSmallTokenizer(dir);
  await writeBaseGraph(dir);
  base = await openBase(dir, { threads: 1 });
});
afterAll(async () => {
  await base.close();
  rmSync(root, { recursive: true });
});

const TEXTS = ["where is my parcel", "the refund", "a late order", "money"];
const cacheOf = (name: string) => join(root, name);
const filesIn = (cacheDir: string) => readdirSync(cacheDir).map((name) => join(cacheDir, name));
/** The only file of a cache. */
const fileIn = (cacheDir: string) => filesIn(cacheDir)[0] ?? "";

/** A text that is read without others beside it may differ from before in its last bits. */
function expectAgain(found: Embedded, asked: number, vectors: readonly Float32Array[]): void {
  expect(found.asked).toBe(asked);
  for (const [row, vector] of vectors.entries())
    for (const [i, value] of vector.entries()) expect(found.vectors[row]?.[i]).toBeCloseTo(value, 5);
}
type Embedded = Awaited<ReturnType<typeof embed>>;

/** The vectors, and how many rows the base was asked for them. */
async function embed(cacheDir: string, texts = TEXTS) {
  let asked = 0;
  const vectors = await embedTexts(texts, {
    cacheDir,
    readerSha256: "ab".repeat(32),
    adapter: null,
    hidden: SMALL_BERT.hidden_size,
    tokenize: await openTokenizer(dir, SMALL_BERT.max_position_embeddings),
    base: {
      ...base,
      embed(batch) {
        asked += batch.length;
        return base.embed(batch);
      },
    },
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  return { asked, vectors };
}

test("what was computed once is read from then on, and equal texts are computed once", async () => {
  const cacheDir = cacheOf("plain");
  const first = await embed(cacheDir, [...TEXTS, ...TEXTS]);
  expect(first.asked).toBe(TEXTS.length);
  const second = await embed(cacheDir, [...TEXTS, ...TEXTS]);
  expect(second).toEqual({ asked: 0, vectors: first.vectors });
});

test("a record that a full disk cut is computed again once, and not each time", async () => {
  const cacheDir = cacheOf("cut");
  const { vectors } = await embed(cacheDir);
  truncateSync(fileIn(cacheDir), readFileSync(fileIn(cacheDir)).length - 5);
  expectAgain(await embed(cacheDir), 1, vectors);
  expectAgain(await embed(cacheDir), 0, vectors);
  // What comes later lies where it is found, too.
  expect((await embed(cacheDir, [...TEXTS, "my order"])).asked).toBe(1);
  expect((await embed(cacheDir, [...TEXTS, "my order"])).asked).toBe(0);
});

test.each([0, 0.3, 0.6, 0.999])(
  "a byte that changed on the disk, at %d of the file, is noticed and its vector computed again",
  async (share) => {
    const cacheDir = cacheOf(`flipped ${share}`);
    const { vectors } = await embed(cacheDir);
    const bytes = readFileSync(fileIn(cacheDir));
    const at = Math.floor(bytes.length * share);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 16, at);
    writeFileSync(fileIn(cacheDir), bytes);
    expectAgain(await embed(cacheDir), 1, vectors);
    expectAgain(await embed(cacheDir), 0, vectors);
  },
);

test("trainings that compute at the same time leave a cache that is whole", async () => {
  const cacheDir = cacheOf("several");
  const all = TEXTS.map((text) => [text, `my ${text}`]);
  await Promise.all(all.map((texts) => embed(cacheDir, texts)));
  expect((await embed(cacheDir, all.flat())).asked).toBe(0);
});

test("vectors of another form, as they were kept before, are not read", async () => {
  const cacheDir = cacheOf("old");
  const { vectors } = await embed(cacheDir);
  for (const file of filesIn(cacheDir)) rmSync(file);
  writeFileSync(join(cacheDir, `${"ab".repeat(8)}.f32`), Buffer.alloc(480));
  expectAgain(await embed(cacheDir), TEXTS.length, vectors);
});
