import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { TASKS } from "@/lib/ml/catalogue";
import { checkFile } from "@/lib/ml/data/check";
import { inspectFile } from "@/lib/ml/data/inspect";
import { textClassification } from "@/lib/ml/tasks/text-classification";
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
  ["ticket-topics.csv", "text-multi-label", { text: "text", labels: "labels" }],
  ["review-stars.csv", "text-number", { text: "text", number: "stars" }],
  ["ticket-pairs.csv", "text-similarity", { text: "text", text_b: "text_b", number: "similarity" }],
  ["order-mails.jsonl", "text-entities", { text: "text", spans: "spans" }],
  [
    "gym-members.csv",
    "table-classification",
    {
      label: "status",
      columns: [
        "age",
        "months",
        "plan",
        "monthly_fee",
        "visits_per_month",
        "classes",
        "came_through",
        "freeze_used",
        "distance_km",
      ],
    },
  ],
  ["manual-questions.csv", "text-answers", { question: "question", context: "context", answer: "answer" }],
])("%s is guessed to be for %s, and no row is set aside", async (name, id, columns) => {
  const dir = mkdtempSync(join(tmpdir(), "graft-samples-"));
  const path = pathOf(name);
  const profile = await inspectFile(path, name);
  expect(profile.guess).toMatchObject({ task: id, columns });
  const { report, refusal } = await checkFile({
    path,
    reading: profile.reading,
    columns,
    roles: TASKS[id]?.roles ?? [],
    rowsPath: join(dir, "rows.ndjson"),
    rejectsPath: join(dir, "rejects.csv"),
    workDir: join(dir, "work"),
  });
  expect(refusal).toBeNull();
  expect(report).toMatchObject({ setAside: 0 });
  expect(report.rows).toBeGreaterThanOrEqual(40);
  rmSync(dir, { recursive: true });
});
