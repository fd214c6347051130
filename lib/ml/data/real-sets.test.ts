import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { tableClassification } from "../tasks/table-classification";
import { textEntities } from "../tasks/text-entities";
import { readWhole, testFolder } from "./fixtures";

/** Published data sets as they are; see `../shared/data/README.md`. */
const data = resolve(process.env.GRAFT_DATA_DIR ?? "../shared/data");
const isThere = existsSync(join(data, "banking77/train.csv"));
if (!isThere)
  console.warn(`SKIPPED: ${data} is not there; real data sets are not checked. Set GRAFT_DATA_DIR.`);

describe.skipIf(!isThere)("published files", () => {
  const { dir } = testFolder();
  const whole = (name: string) => readWhole(dir, join(data, name));

  const broken = (rows: readonly { line: number }[]) =>
    rows.filter((row, at) => (rows[at + 1]?.line ?? row.line + 1) - row.line > 1).length;

  test("banking77: 10,003 and 3,080 rows, 10 and 3 of them with line breaks inside quotes", async () => {
    const { report, refusal, rows } = await whole("banking77/train.csv");
    expect(refusal).toBeNull();
    expect(report).toMatchObject({ rows: 10_003, accepted: 10_003, setAside: 0 });
    expect(report.classes).toHaveLength(77);
    expect(report.classes.map((one) => one.rows)).toEqual(expect.arrayContaining([187, 35]));
    expect(broken(rows)).toBe(10);
    const held = await whole("banking77/test.csv");
    expect(held.report).toMatchObject({ rows: 3080, accepted: 3080 });
    expect(broken(held.rows)).toBe(3);
  });

  test("sms_spam: not UTF-8, nameless columns, all 5,572 rows accounted for", async () => {
    const { profile, report, kinds } = await whole("sms_spam/spam.csv");
    expect(profile.reading).toMatchObject({ encoding: "windows-1252", hasHeader: true });
    expect(profile.guess.columns).toEqual({ text: "v2", label: "v1" });
    expect(report).toMatchObject({ rows: 5572, accepted: 5572, setAside: 0 });
    expect(report.duplicates.exact).toBeGreaterThanOrEqual(403);
    expect(kinds.cells_extra?.count).toBe(50);
  });

  test("zh_thucnews: Chinese without a header, every row accounted for", async () => {
    const { profile, report } = await whole("zh_thucnews/test.txt");
    expect(profile.reading).toMatchObject({ delimiter: "\t", hasHeader: false, encoding: "utf-8" });
    expect(profile.guess.columns).toEqual({ text: "column_1", label: "column_2" });
    expect(report).toMatchObject({ rows: 10_000, accepted: 10_000 });
    expect(report.classes).toHaveLength(10);
  });

  test("goemotions: tabs, bare quotes, no header, 43,410 rows", async () => {
    const { profile, report } = await whole("goemotions/original/train.tsv");
    expect(profile.reading).toMatchObject({ delimiter: "\t", hasHeader: false });
    expect(profile.guess.columns).toEqual({ text: "column_1", label: "column_2" });
    expect(report).toMatchObject({ rows: 43_410, accepted: 43_410 });
  });

  test("wnut17: sentences with their spans, mark by mark", async () => {
    const path = join(data, "wnut17_ner/wnut17train.conll");
    const { profile, report, refusal } = await readWhole(dir, path, undefined, { roles: textEntities.roles });
    expect([refusal, profile.reading.format, profile.guess.task]).toEqual([null, "tokens", "text-entities"]);
    expect(report).toMatchObject({ rows: 3394, accepted: 3394, setAside: 0 });
    expect(report.classes).toHaveLength(6);
  });

  test("telco_churn: a table, of which 19 columns may tell who leaves; eleven blank numbers are empty cells", async () => {
    const path = join(data, "telco_churn/Telco-Customer-Churn.csv");
    const { profile, report, refusal, rows } = await readWhole(dir, path, undefined, {
      roles: tableClassification.roles,
    });
    expect([refusal, profile.guess.task]).toEqual([null, "table-classification"]);
    expect(profile.guess.columns).toMatchObject({ label: "Churn" });
    expect(profile.guess.columns.columns).toHaveLength(19);
    expect(profile.guess.columns.columns).not.toContain("customerID");
    expect(report).toMatchObject({ rows: 7043, accepted: 7043 });
    const blank = rows.filter(({ input }) => (input as { TotalCharges: unknown }).TotalCharges === null);
    expect(blank).toHaveLength(11);
  });
});
