import { expect, test } from "vitest";
import type { TableRow } from "../task";
import { describeColumns, fitTable, readTable } from "./table-features";
import { tableRowProblem } from "./table-row";

const many = (count: number, row: (i: number) => TableRow) => Array.from({ length: count }, (_, i) => row(i));
/** One row's features as a list. */
const read = (table: ReturnType<typeof fitTable>, row: TableRow) => [...readTable(table, [row]).values];

test("a number is standardised, an empty one is the mean and says that it is empty", () => {
  const table = fitTable(many(100, (i) => ({ age: i % 4 === 0 ? null : i + 0.5 })));
  expect(describeColumns(table)).toMatchObject([{ name: "age", kind: "number", values: [] }]);
  const { values } = readTable(
    table,
    many(100, (i) => ({ age: i % 4 === 0 ? null : i + 0.5 })),
  );
  const filled = [...values].filter((_, i) => i % 2 === 0 && values[i + 1] === 0);
  expect(filled.reduce((a, b) => a + b, 0) / filled.length).toBeCloseTo(0, 5);
  expect(filled.reduce((a, b) => a + b * b, 0) / filled.length).toBeCloseTo(1, 5);
  expect(read(table, { age: null })).toEqual([0, 1]);
  expect(read(table, {})).toEqual([0, 1]);
});

test("words in a column of numbers count as empty, numbers written as words as numbers", () => {
  const table = fitTable(many(200, (i) => ({ pay: i === 0 ? "n/a" : i * 1.5 })));
  expect(table[0]?.kind).toBe("number");
  expect(read(table, { pay: "n/a" })).toEqual(read(table, { pay: null }));
  expect(read(table, { pay: " 3,5 " })).toEqual(read(table, { pay: 3.5 }));
});

test("what is far outside of what was taught is cut, and a long tail is taken by its logarithm", () => {
  const tail = fitTable(many(1000, (i) => ({ income: Math.exp(i / 100) })));
  expect(tail[0]).toMatchObject({ isLog: true });
  expect(read(tail, { income: 1e300 })).toEqual([6]);
  expect(read(tail, { income: -5 })).toEqual(read(tail, { income: 0 }));
});

test("a category that training rows did not have shares the feature of the rare ones, else it has none", () => {
  const plans = ["gold", "silver", "silver"];
  const plain = fitTable(many(90, (i) => ({ plan: plans[i % 3] ?? null })));
  expect(describeColumns(plain)).toEqual([
    { name: "plan", kind: "category", values: ["silver", "gold"], usual: "silver" },
  ]);
  expect(read(plain, { plan: "bronze" })).toEqual([0, 0]);
  const rare = fitTable(many(90, (i) => ({ plan: i === 7 ? "platinum" : (plans[i % 3] ?? null) })));
  expect(read(rare, { plan: "bronze" })).toEqual([0, 0, 1]);
  expect(read(rare, { plan: " gold " })).toEqual([0, 1, 0]);
});

test("an empty category is a feature of its own where training rows had some", () => {
  const table = fitTable(many(60, (i) => ({ colour: i % 3 === 0 ? null : "red" })));
  expect(read(table, { colour: null })).toEqual([0, 1]);
  expect(read(table, { colour: "" })).toEqual([0, 1]);
});

test("a few whole numbers are a code, also where they are written as words in a request", () => {
  const table = fitTable(many(100, (i) => ({ region: (i % 4) + 1 })));
  expect(describeColumns(table)[0]).toMatchObject({ kind: "category", values: ["1", "2", "3", "4"] });
  expect(read(table, { region: "2" })).toEqual(read(table, { region: 2 }));
  expect(fitTable(many(100, (i) => ({ year: 1950 + i })))[0]?.kind).toBe("number");
});

test("a constant and an empty column say nothing and do no harm", () => {
  const table = fitTable(many(50, (i) => ({ x: i / 7, same: 3.25, none: null })));
  expect(
    readTable(
      table,
      many(50, (i) => ({ x: i / 7, same: 3.25, none: null })),
    ).values,
  ).not.toContain(Number.NaN);
});

test("200 columns and 10,000 different words stay a bounded number of features", () => {
  const wide = fitTable(
    many(500, (i) =>
      Object.fromEntries(Array.from({ length: 200 }, (_, c) => [`c${c}`, `v${(i * c) % 90}`])),
    ),
  );
  expect(readTable(wide, [{}]).columns).toBeLessThanOrEqual(2600);
  const words = fitTable(many(20_000, (i) => ({ word: i % 2 === 0 ? `w${i % 10_000}` : "often" })));
  expect(describeColumns(words)[0]?.values).toEqual(["often"]);
  expect(read(words, { word: "w17" })).toEqual([0, 1]);
});

test("a request with an unknown column, or a word for a number, is told which", () => {
  const columns = describeColumns(
    fitTable(many(100, (i) => ({ tenure: i + 0.5, plan: i % 2 === 0 ? "a" : "b" }))),
  );
  expect(tableRowProblem(columns, { tenure: 3, plan: null })).toBeNull();
  expect(tableRowProblem(columns, { tenure: "", plan: "never seen" })).toBeNull();
  expect(tableRowProblem(columns, {})).toBeNull();
  expect(tableRowProblem(columns, { tenor: 3 })).toContain("`tenor`; the model reads: tenure, plan");
  expect(tableRowProblem(columns, { tenure: "long" })).toBe("`tenure` takes a number, not `long`");
});
