import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { cachedBase } from "@/lib/bases.fixture";
import type { Task } from "@/lib/ml/task";
import { textAnswers } from "@/lib/ml/tasks/text-answers";
import { textEntities } from "@/lib/ml/tasks/text-entities";
import { textMultiLabel } from "@/lib/ml/tasks/text-multi-label";
import { textSimilarity } from "@/lib/ml/tasks/text-similarity";
import { openTaking, TEXTS } from "./export-fixtures";
import { deployTinyModel, pairRows, questionRows, severalRows, spanRows } from "./serve-fixtures";

/** Models of every other task are taken away, and answer where they were taken to. */
const base = await cachedBase();
let taking: Awaited<ReturnType<typeof openTaking>>;
beforeAll(async () => {
  taking = await openTaking(process.env);
});
afterAll(() => taking?.close());

/** Numbers nearly, everything else as it is. */
const near = (value: unknown) =>
  JSON.parse(JSON.stringify(value), (_, one) => (typeof one === "number" ? expect.closeTo(one, 3) : one));

test("models of several labels and of pairs answer and refuse without the platform as on it", async () => {
  const several = await deployTinyModel(taking.acme, "topics", {
    task: textMultiLabel as Task,
    rows: severalRows,
  });
  const pairs = await deployTinyModel(taking.acme, "pairs", {
    task: textSimilarity as Task,
    rows: pairRows,
    base,
  });
  const same = { text: "my lamp is broken", text_b: "the lamp is broken" };
  const cases = [
    { model: several.name, input: [...TEXTS, { text: "charged twice", id: 7 }], top_k: 2, refused: [1] },
    {
      model: pairs.name,
      input: [...TEXTS.map((text) => ({ text, text_b: "where is the phone" })), { ...same, id: 7 }],
      top_k: 2,
      refused: [same, "one text"],
    },
  ];
  for (const [n, { refused, ...body }] of cases.entries()) {
    const { dir } = await taking.unpack(await taking.take(body.model), `linear-${n}`);
    const url = await taking.startTaken(dir);
    const [here, there] = [await taking.ask(taking.address, body), await taking.ask(url, body)];
    expect([here.status, there.status]).toEqual([200, 200]);
    expect({ ...there.body, id: "", created: 0 }).toEqual(near({ ...here.body, id: "", created: 0 }));
    for (const [code, wrong] of [
      ["input_shape", { ...body, input: refused }],
      ["unsupported_parameter", { ...body, abstain: true }],
      ["unsupported_parameter", { ...body, threshold: 0.5 }],
    ] as const) {
      const [ours, theirs] = [await taking.ask(taking.address, wrong), await taking.ask(url, wrong)];
      expect([theirs.status, theirs.body.error.code]).toEqual([ours.status, code]);
      const { message, param } = theirs.body.error;
      expect(ours.body.error).toMatchObject({ code, message, param });
    }
    const nearest = await taking.ask(url, { ...body, nearest: 3 });
    expect(nearest.body.error).toMatchObject({ code: "unsupported_parameter", param: "nearest" });
    const sample = JSON.parse(readFileSync(join(dir, "README.md"), "utf8").match(/-d '(.*)'/)?.[1] ?? "");
    expect((await taking.ask(url, sample)).status).toBe(200);
  }
}, 240_000);

test("models that answer with pieces of texts answer without the platform as on it, and no row leaves", async () => {
  const spans = { task: textEntities as Task, rows: spanRows };
  const words = await deployTinyModel(taking.acme, "spans", spans);
  const based = base && (await deployTinyModel(taking.acme, "read", { ...spans, base, recipe: "wide" }));
  const asked = await deployTinyModel(taking.acme, "asked", {
    task: textAnswers as Task,
    rows: questionRows,
    base,
  });
  // In several windows, with what is asked for in the last one.
  const long = `${"so it goes on and on. ".repeat(200)}😀 请问 the van of Ana left Oslo today`;
  const texts = [...TEXTS.slice(0, 3), "x".repeat(25_000), "", long, "the van of Gus Lee left Kyoto today"];
  const cases = [
    ...[words, ...(based ? [based] : [])].map((model) => ({ model: model.name, input: texts, refused: [1] })),
    {
      model: asked.name,
      input: texts.map((context) => ({ question: "Which town did the van leave?", context })),
      refused: ["one text"],
    },
  ];
  for (const [n, { refused, ...body }] of cases.entries()) {
    const { dir } = await taking.unpack(await taking.take(body.model), `words-${n}`);
    const files = readdirSync(dir, { recursive: true, encoding: "utf8", withFileTypes: true });
    for (const { name, parentPath } of files.filter(
      (file) => file.isFile() && file.name !== "tokenizer.json",
    ))
      expect(readFileSync(join(parentPath, name)).includes("Carla"), name).toBe(false);
    const url = await taking.startTaken(dir);
    const [here, there] = [await taking.ask(taking.address, body), await taking.ask(url, body)];
    expect([here.status, there.status]).toEqual([200, 200]);
    expect({ ...there.body, id: "", created: 0 }).toEqual(near({ ...here.body, id: "", created: 0 }));
    const found = JSON.stringify(there.body.data.at(-2));
    expect(found).toContain('"text":"Oslo"');
    // The answer itself is where it says, counted in code points.
    const [{ start, end }] = [there.body.data.at(-2).spans?.at(-1) ?? there.body.data.at(-2)];
    expect([...long].slice(start, end).join("")).toBe("Oslo");
    for (const wrong of [
      { ...body, input: refused },
      { ...body, abstain: true },
    ]) {
      const [ours, theirs] = [await taking.ask(taking.address, wrong), await taking.ask(url, wrong)];
      expect(theirs.status).toBe(ours.status);
      const { message, param, code } = theirs.body.error;
      expect(ours.body.error).toMatchObject({ code, message, param });
    }
    const sample = JSON.parse(readFileSync(join(dir, "README.md"), "utf8").match(/-d '(.*)'/)?.[1] ?? "");
    expect((await taking.ask(url, sample)).status).toBe(200);
  }
}, 240_000);
