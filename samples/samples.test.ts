import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { checkFile } from "@/lib/ml/data/check";
import { inspectFile } from "@/lib/ml/data/inspect";
import { textAnswers } from "@/lib/ml/tasks/text-answers";
import { textClassification } from "@/lib/ml/tasks/text-classification";
import { textEntities } from "@/lib/ml/tasks/text-entities";
import { makeSamples } from "./make";

const samples = makeSamples();
const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));

test.each(Object.entries(samples))("%s is what its script writes", (name, content) => {
  expect(readFileSync(pathOf(name), "utf8")).toBe(content);
});

test.each([
  ["support-tickets.csv", 12, 550],
  ["reviews.csv", 3, 380],
  ["zh-inquiries.csv", 8, 380],
])("%s has %d classes, its columns are guessed and no row is set aside", async (name, classes, atLeast) => {
  const dir = mkdtempSync(join(tmpdir(), "graft-samples-"));
  const path = pathOf(name);
  const profile = await inspectFile(path, name);
  expect(profile.guess.columns).toEqual({ text: "text", label: "label" });
  const { report, refusal } = await checkFile({
    path,
    reading: profile.reading,
    columns: profile.guess.columns,
    roles: textClassification.roles,
    rowsPath: join(dir, "rows.ndjson"),
    rejectsPath: join(dir, "rejects.csv"),
    workDir: join(dir, "work"),
  });
  expect(refusal).toBeNull();
  expect(report).toMatchObject({ setAside: 0, duplicates: { exact: 0 } });
  expect(report.rows).toBeGreaterThan(atLeast);
  expect(report.classes).toHaveLength(classes);
  expect(Math.min(...report.classes.map((one) => one.rows))).toBeGreaterThan(25);
  for (const text of Object.values(samples)) expect(text).not.toMatch(/\{\p{L}+2?\}|undefined/u);
  rmSync(dir, { recursive: true });
});

test.each([
  ["order-mails.jsonl", textEntities, 240],
  ["manual-questions.csv", textAnswers, 40],
] as const)("%s is recognised and no row is set aside", async (name, task, rows) => {
  const dir = mkdtempSync(join(tmpdir(), "graft-samples-"));
  const path = pathOf(name);
  const profile = await inspectFile(path, name);
  expect(profile.guess.task).toBe(task.id);
  const { report, refusal } = await checkFile({
    path,
    reading: profile.reading,
    columns: profile.guess.columns,
    roles: task.roles,
    rowsPath: join(dir, "rows.ndjson"),
    rejectsPath: join(dir, "rejects.csv"),
    workDir: join(dir, "work"),
  });
  expect(refusal).toBeNull();
  expect(report).toMatchObject({ rows, accepted: rows, setAside: 0 });
  rmSync(dir, { recursive: true });
});
