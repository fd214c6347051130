import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { ColumnMap } from "../contract";
import { tableClassification } from "../tasks/table-classification";
import { readWhole } from "./fixtures";

const dir = mkdtempSync(join(tmpdir(), "graft-table-"));
afterAll(() => rmSync(dir, { recursive: true }));
let files = 0;

/** Inspects and checks a CSV as a table; the columns are guessed where none are given. */
async function check(lines: readonly string[], columns?: ColumnMap, extra = {}) {
  const path = join(dir, `${files++}.csv`);
  writeFileSync(path, `${lines.join("\n")}\n`);
  const roles = tableClassification.roles;
  return readWhole(dir, path, undefined, { roles, ...(columns && { columns }), ...extra });
}
const HEAD = "no,customer,joined,age,fee,plan,region,same,nothing,churn";
const line = (i: number) =>
  `${i + 1},C-${i * 37},2024-01-${10 + (i % 9)},${20 + (i % 41)},${(i % 13) + 0.5},${i % 3 ? "basic" : "plus"},0${i % 4},EU,,${i % 5 ? "no" : "yes"}`;
const LINES = [HEAD, ...Array.from({ length: 60 }, (_, i) => line(i))];

test("a table is guessed as one: every column but label, identifiers, constants and empty ones", async () => {
  const { profile, report, refusal } = await check(LINES);
  expect(profile.guess).toMatchObject({
    task: "table-classification",
    columns: { label: "churn", columns: ["joined", "age", "fee", "plan", "region"] },
  });
  expect(refusal).toBeNull();
  expect(report).toMatchObject({ accepted: 60, setAside: 0 });
  expect(report.columns.filter(({ role }) => role === "columns").map(({ name }) => name)).toEqual(
    profile.guess.columns.columns,
  );
});

test("texts with their labels are no table, whatever stands beside them", async () => {
  const texts = Array.from(
    { length: 40 },
    (_, i) =>
      `${i + 1},web,${i % 2 ? "high" : "low"},The parcel number ${i} has not arrived where it should be,${i % 2 ? "delivery" : "other"}`,
  );
  const { profile } = await check(["id,channel,priority,message,queue", ...texts]);
  expect(profile.guess).toMatchObject({ task: "text-classification", columns: { text: "message" } });
});

test("numbers are numbers, codes with leading zeros are words, and what is empty is null and no fault", async () => {
  const lines = [
    HEAD,
    ...Array.from({ length: 30 }, (_, i) => line(i)),
    "31,C-x,, ,,plus,,EU,,no",
    '32,C-y,,44,"1,234.5",,00,EU,,no',
  ];
  const { rows, report, kinds } = await check(lines, {
    label: "churn",
    columns: ["region", "age", "fee", "plan"],
  });
  expect(report.setAside).toBe(0);
  expect(kinds).not.toHaveProperty("text_empty");
  expect(rows.slice(-3).map(({ input }) => input)).toEqual([
    { age: 49, fee: 3.5, plan: "basic", region: "01" },
    { age: null, fee: null, plan: "plus", region: null },
    { age: 44, fee: 1234.5, plan: null, region: "00" },
  ]);
});

test("a row without any value, and one without a label, are set aside with what to do", async () => {
  const { kinds, report } = await check([...LINES, "61,C-z,,,,,,,,yes", "62,C-w,,20,,,,,,"]);
  expect(report).toMatchObject({ rows: 62, accepted: 60, setAside: 2 });
  expect(kinds.row_empty).toMatchObject({ severity: "error", lines: [62] });
  expect(kinds.label_empty).toMatchObject({ severity: "error", lines: [63] });
});

test("rows are alike only when they are the same: a sign and a point are no punctuation", async () => {
  const rows = Array.from({ length: 20 }, (_, i) => `${i % 2 ? "-" : ""}3.5,${100 + i},${i % 3 ? "a" : "b"}`);
  const { report, kinds } = await check(["x,y,label", ...rows, "-3.5,101,b"], {
    label: "label",
    columns: ["x", "y"],
  });
  expect(report.duplicates).toEqual({ exact: 1, near: 0, conflicting: 2 });
  expect(kinds.label_conflict?.lines).toEqual([3, 22]);
  expect(report.lengths.max).toBe(0);
});

test("the same columns in another order, and one alone, make the same kind of rows", async () => {
  const [one, other] = [
    await check(LINES, { label: "churn", columns: ["age", "fee"] }),
    await check(LINES, { label: "churn", columns: ["fee", "age"] }),
  ];
  expect(one.report.sha256).toBe(other.report.sha256);
  const alone = await check(LINES, { label: "churn", columns: ["age"] });
  expect(alone.rows[0]?.input).toEqual({ age: 20 });
});

test.each([
  [{ label: "churn", columns: ["age", "agee"] }, "The file has no column agee."],
  [{ label: "churn", columns: ["age", "churn"] }, "cannot be the same column, churn"],
  [{ label: ["churn", "plan"], columns: ["age"] }, "label takes one column"],
  [{ label: "churn", columns: [] }, "No column was chosen for columns"],
])("the map %j is refused", async (columns, message) => {
  const { refusal } = await check(LINES, columns);
  expect(refusal).toMatchObject({ code: "column_unknown" });
  expect(refusal?.message).toContain(message);
});
