import { describe, expect, test } from "vitest";
import { textAnswers } from "../tasks/text-answers";
import { textEntities } from "../tasks/text-entities";
import { csvOf, readWhole, testFolder } from "./fixtures";

/** Files whose targets are pieces of their texts: the whole way through inspection and check. */
const { dir, put } = testFolder();
const lines = (rows: readonly unknown[]) => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const filler = Array.from({ length: 10 }, (_, n) => ({
  text: `Ana calls number ${n}`,
  spans: [{ start: 0, end: 3, label: "person" }],
}));
const spans = (content: string, name = "rows.jsonl") =>
  readWhole(dir, put(name, content), undefined, { roles: textEntities.roles });

describe("spans", () => {
  test("JSONL with spans is recognised and stored with trimmed texts", async () => {
    const padded = {
      text: "  Ana 😀 met Bob",
      entities: undefined,
      spans: [
        [2, 5, "person"],
        [12, 15, "person"],
      ],
    };
    const { profile, report, refusal, rows } = await spans(
      lines([...filler, padded, { text: "no one", spans: [] }]),
    );
    expect(profile.guess).toMatchObject({ task: "text-entities", columns: { text: "text", spans: "spans" } });
    expect(refusal).toBeNull();
    expect(report).toMatchObject({ rows: 12, accepted: 12, classes: [{ label: "person", rows: 11 }] });
    expect(rows[10]).toMatchObject({
      input: "Ana 😀 met Bob",
      target: [
        { start: 0, end: 3, label: "person" },
        { start: 10, end: 13, label: "person" },
      ],
    });
  });

  test("token files are recognised as such", async () => {
    const sentence = (n: number) => `Ana\tB-person\ncalls\tO\n${n}\tO\n\n`;
    const { profile, report, rows } = await spans(
      Array.from({ length: 12 }, (_, n) => sentence(n)).join(""),
      "words.conll",
    );
    expect(profile.reading).toMatchObject({ format: "tokens", hasHeader: false });
    expect(profile.guess.task).toBe("text-entities");
    expect(report).toMatchObject({ rows: 12, accepted: 12 });
    expect(rows[3]).toEqual({
      line: 13,
      input: "Ana calls 3",
      target: [{ start: 0, end: 3, label: "person" }],
    });
  });

  test("what points outside of its text, overlaps, or cannot be read is set aside with its reason", async () => {
    const bad = (own: unknown) => ({ text: "Ana met Bob", spans: own });
    const { report, kinds } = await spans(
      lines([
        ...filler,
        bad([{ start: 8, end: 12, label: "person" }]),
        bad([
          [0, 3, "person"],
          [2, 7, "person"],
        ]),
        bad([{ start: 0, end: 3, label: "person", text: "Bob" }]),
        bad("Ana"),
      ]),
    );
    expect(report).toMatchObject({ accepted: 10, setAside: 4 });
    for (const kind of ["span_outside", "spans_overlap", "span_text_differs", "spans_invalid"])
      expect(kinds[kind]).toMatchObject({ severity: "error", count: 1 });
  });

  test("an unknown scheme of tags sets its sentences aside", async () => {
    const sentence = (tag: string) => `Ana\t${tag}\ncalls\tO\nus\tO\n.\tO\nnow\tO\n\n`;
    const { report, kinds } = await spans(sentence("B-person").repeat(11) + sentence("PERSON"), "words.txt");
    expect(report).toMatchObject({ accepted: 11, setAside: 1 });
    expect(kinds.tag_unknown?.count).toBe(1);
  });

  test("a file that marks nothing is refused", async () => {
    const { refusal } = await spans(
      lines([...filler].map(({ text }, n) => ({ text, spans: n === 0 ? [[0, 9, "x"]] : [] }))).replace(
        "[[0,9",
        "[[9,9",
      ),
    );
    expect(refusal?.code).toBe("no_spans");
  });
});

describe("answers", () => {
  const context = "Ana opened the office in Lyon. Bob came to Lyon later.";
  const row = (question: string, answer: string, start = "") => [question, context, answer, start];
  const table = (rows: readonly (readonly string[])[]) =>
    put("answers.csv", csvOf([["question", "context", "answer", "start"], ...rows]));
  const good = Array.from({ length: 10 }, (_, n) => row(`who opened it ${n}?`, "Ana"));

  test("answers are found in their contexts, at the given place where there is one", async () => {
    const path = table(
      good.map(([q = "", c = "", a = ""]) => [q, c, a, "0"]).concat([row("where?", "Lyon", "43")]),
    );
    const { profile, refusal, rows } = await readWhole(dir, path, undefined, { roles: textAnswers.roles });
    expect(profile.guess.task).toBe("text-answers");
    expect(refusal).toBeNull();
    expect(rows.at(-1)).toMatchObject({ target: { answer: "Lyon", start: 43 } });
  });

  test("an answer that is not in its context, or not where it is said to be, is set aside", async () => {
    const ten = good.map(([q = "", c = "", a = ""]) => [q, c, a, "0"]);
    const path = table([...ten, row("where?", "Lyon", "7"), row("where?", "", "0")]);
    const { kinds } = await readWhole(dir, path, undefined, { roles: textAnswers.roles });
    expect(kinds).toMatchObject({ answer_elsewhere: { count: 1 }, answer_empty: { count: 1 } });
    const bare = put(
      "bare.csv",
      csvOf([
        ["question", "context", "answer"],
        ...good.map((cells) => cells.slice(0, 3)),
        ["who?", context, "Carla"],
      ]),
    );
    const found = await readWhole(dir, bare, undefined, { roles: textAnswers.roles });
    expect(found.report).toMatchObject({ accepted: 10, setAside: 1 });
    expect(found.kinds.answer_not_in_context?.count).toBe(1);
    expect(found.rows[0]).toMatchObject({ target: { answer: "Ana", start: 0 } });
  });
});
