import { afterAll, expect, test } from "vitest";
import { cachedBase } from "../../bases.fixture";
import { figuresOf } from "../evaluation";
import type { TrainOrder } from "../task";
import { answer, tokenizersOf, trainingFolder } from "./order.fixture";
import { type SpansOutput, textEntities, type WireSpan } from "./text-entities";
import { engine } from "./text-entities.engine";

const folder = trainingFolder();
const { run } = folder;
afterAll(folder.remove);

const PEOPLE = ["Ana", "Bob Hall", "Carla Diaz", "Deniz", "Emil Roth", "Fay", "Gus Lee", "Hana Ito"];
const PLACES = ["Lyon", "Porto", "New Delhi", "Oslo", "San Marino", "Graz", "Lima", "Kyoto"];
const FRAMES = [
  "please tell {p} that the van left {l}",
  "{p} 😀 moves from {l} to another town",
  "is {p} still in {l}?",
  "the office in {l} was opened by {p}",
];
/** Every person with every place; the last of each list stand in no training row. */
function rowsOf(people: readonly string[], places: readonly string[]) {
  return people.flatMap((p, i) =>
    places.map((l, j) => {
      const input = (FRAMES[(i + j) % FRAMES.length] ?? "").replace("{p}", p).replace("{l}", l);
      const at = (word: string) => [...input.slice(0, input.indexOf(word))].length;
      const span = (word: string, label: string): WireSpan => {
        return { start: at(word), end: at(word) + [...word].length, label };
      };
      const target = [span(p, "person"), span(l, "place")].sort((a, b) => a.start - b.start);
      return { input, target };
    }),
  );
}
const ROWS = [
  ...rowsOf(PEOPLE.slice(0, 7), PLACES.slice(0, 7)),
  ...["nothing to see here", "the parcel is late", "call me back please"].map((input) => ({
    input,
    target: [] as WireSpan[],
  })),
];

const order = (rows: typeof ROWS, more: Partial<TrainOrder> = {}) => folder.order(rows, { seed: 7, ...more });
const noBase = () => Promise.reject(new Error("none"));

test("a model without a base finds what is written as it was taught, with code-point offsets", async () => {
  const { report, artifactDir } = await engine.train(order(ROWS), run());
  expect(report.labels).toEqual(["person", "place"]);
  expect(report.evaluation).toMatchObject({ measures: "spans", kind: "cross_validated", n: ROWS.length });
  expect(figuresOf(report.evaluation)[0]?.[1].value).toBeGreaterThan(0.8);
  const model = await engine.open(artifactDir, noBase);
  const [found, none] = model.after(
    ["Ana 😀 moves from Lyon to another town", "the parcel is late"],
    [[], []],
    { topK: 1, nearest: 0 },
  );
  expect(textEntities.output.parse(found)).toEqual({
    spans: [
      { start: 0, end: 3, label: "person", text: "Ana", confidence: expect.any(Number) },
      { start: 17, end: 21, label: "place", text: "Lyon", confidence: expect.any(Number) },
    ],
  });
  expect(none).toEqual({ spans: [] });
});

test("the same rows give the same model, whatever was trained before", async () => {
  const first = await engine.train(order(ROWS), run());
  const second = await engine.train(order(ROWS), run());
  expect(second.report.hashes).toEqual(first.report.hashes);
});

test("what cannot be learnt is refused with its code", async () => {
  const code = (rows: typeof ROWS, more: Partial<TrainOrder> = {}) =>
    engine.train(order(rows, more), run()).then(
      () => "trained",
      (error: { code: string }) => error.code,
    );
  expect(await code(ROWS.slice(0, 5))).toBe("rows_too_few");
  expect(await code(ROWS.map((row) => ({ ...row, target: [] })))).toBe("no_spans");
  expect(await code(ROWS, { recipe: "head" })).toBe("recipe_unsupported");
  expect(await code(ROWS, { recipe: "wide" })).toBe("base_unavailable");
});

const base = await cachedBase();
test.skipIf(!base)(
  "on the real base names are found that no row has, and a long text is read to its end",
  async () => {
    const { artifactDir, report } = await engine.train(order(ROWS, { recipe: "wide", base }), run());
    expect(report.floor.scores.span_f1?.value).toBeGreaterThan(0);
    expect(report.frozen).toMatchObject({
      recipe: "wide",
      scores: { span_f1: { value: expect.any(Number) } },
    });
    const model = await engine.open(artifactDir, tokenizersOf(base));
    const inputs = [
      `is ${PEOPLE[7]} still in ${PLACES[7]}?`,
      `${"so it goes on. ".repeat(150)}is Ana still in Lyon?`,
    ];
    const { requests, truncated } = model.before(inputs);
    expect([requests.map((own) => own.length > 1), truncated]).toEqual([
      [false, true],
      [false, false],
    ]);
    const [fresh, long] = await answer(model, inputs, base);
    const said = (output: SpansOutput | undefined) =>
      output?.spans.map(({ label, text }) => `${label} ${text}`);
    expect(said(fresh)).toEqual(["person Hana Ito", "place Kyoto"]);
    expect(said(long)?.slice(-2)).toEqual(["person Ana", "place Lyon"]);
  },
  60_000,
);
