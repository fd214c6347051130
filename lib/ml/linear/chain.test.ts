import { expect, test } from "vitest";
import { allowedFirst, allowedMoves } from "../data/spans";
import { bestTags, exponentials, passChain, segmentProbability, type Transitions } from "./chain";
import { fitChainHead } from "./chain-head";
import { generator } from "./svm";

const LABELS = 2;
const TAGS = 5;
const WORDS = 5;
const random = generator(3);
const transitions: Transitions = {
  tags: TAGS,
  scores: Float64Array.from({ length: TAGS * TAGS }, () => 2 * random() - 1),
  isAllowed: allowedMoves(LABELS),
  isFirst: allowedFirst(LABELS),
};
const scores = Float32Array.from({ length: WORDS * TAGS }, () => 4 * random() - 2);

/** Every allowed way to tag the words with its score, one by one. */
function everyPath(): { path: number[]; score: number }[] {
  let paths = [...transitions.isFirst.keys()].flatMap((tag) =>
    transitions.isFirst[tag] ? [{ path: [tag], score: scores[tag] as number }] : [],
  );
  for (let i = 1; i < WORDS; i++)
    paths = paths.flatMap(({ path, score }) =>
      Array.from({ length: TAGS }, (_, tag) => tag).flatMap((tag) => {
        const pair = (path.at(-1) as number) * TAGS + tag;
        const own = (transitions.scores[pair] as number) + (scores[i * TAGS + tag] as number);
        return transitions.isAllowed[pair] ? [{ path: [...path, tag], score: score + own }] : [];
      }),
    );
  return paths;
}
const paths = everyPath();
const total = paths.reduce((sum, { score }) => sum + Math.exp(score), 0);

test("the best tags are the best of all ways, and no tag goes on with another label", () => {
  const best = paths.reduce((a, b) => (b.score > a.score ? b : a));
  expect([...bestTags(scores, 0, WORDS, transitions)]).toEqual(best.path);
});

test("the sum over all ways and the probability of a span are those of counting each way", () => {
  const lattice = passChain(scores, 0, WORDS, transitions, exponentials(transitions));
  expect(lattice.logTotal).toBeCloseTo(Math.log(total), 6);
  for (const [start, path] of [
    [0, [1, 2]],
    [1, [3]],
    [3, [3, 4]],
  ] as const) {
    const after = (path[0] as number) + 1;
    const counted = paths.filter(
      ({ path: all }) => path.every((tag, i) => all[start + i] === tag) && all[start + path.length] !== after,
    );
    const expected = counted.reduce((sum, { score }) => sum + Math.exp(score), 0) / total;
    expect(segmentProbability(lattice, start, path, after)).toBeCloseTo(expected, 6);
  }
});

test("a fitted chain learns from a word's neighbour what the word itself does not say", async () => {
  // Feature 1 ("Mr") comes before a name; names have no feature of their own.
  const rows = [0, 1, 2, 0, 2, 0, 1, 2, 2];
  const matrix = {
    rows: rows.length,
    columns: 3,
    starts: Int32Array.from({ length: rows.length + 1 }, (_, i) => i),
    indices: Int32Array.from(rows),
    values: new Float32Array(rows.length).fill(1),
  };
  const starts = Int32Array.of(0, 5, rows.length);
  const tags = Int32Array.of(0, 3, 1, 0, 0, 0, 3, 1, 0);
  const plain = { ...transitions, scores: new Float64Array(TAGS * TAGS) };
  const head = await fitChainHead(null, matrix, 1, { starts, tags }, plain, { c: 1000 });
  const own = Float32Array.from(rows.flatMap((at) => [...head.sparse.subarray(at * TAGS, (at + 1) * TAGS)]));
  for (let i = 0; i < own.length; i++) own[i] = (own[i] as number) + (head.dense.bias[i % TAGS] as number);
  expect([...bestTags(own, 0, 5, head.transitions)]).toEqual([...tags.subarray(0, 5)]);
  expect([...bestTags(own, 5, 9, head.transitions)]).toEqual([...tags.subarray(5)]);
});
