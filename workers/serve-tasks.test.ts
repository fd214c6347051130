import type { ChildProcess } from "node:child_process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { cachedBase } from "@/lib/bases.fixture";
import { env } from "@/lib/env";
import { explanationSchema } from "@/lib/ml/contract";
import type { Task } from "@/lib/ml/task";
import { tableClassification } from "@/lib/ml/tasks/table-classification";
import { textMultiLabel } from "@/lib/ml/tasks/text-multi-label";
import { textNumber } from "@/lib/ml/tasks/text-number";
import { textSimilarity } from "@/lib/ml/tasks/text-similarity";
import { createTenant } from "@/lib/tenants";
import {
  deployTinyModel,
  freePort,
  openDoor,
  pairRows,
  severalRows,
  starRows,
  startServe,
  stopServe,
  tableRows,
} from "./serve-fixtures";

/** Models of every other task through the same routes as a classifier. */
let serve: ChildProcess;
let metricsPort: number;
let door: Awaited<ReturnType<typeof openDoor>>;
let acme: Awaited<ReturnType<typeof createTenant>>;
let several: { name: string };
let stars: { name: string };
let pairs: { name: string };
let table: { name: string };

const post = (path: string, body: unknown) =>
  fetch(door.url + path, {
    method: "POST",
    headers: { "content-type": "application/json", authorization: `Bearer ${acme.apiKey}` },
    body: JSON.stringify(body),
  }).then(async (response) => ({ status: response.status, answer: await response.json() }));

const base = await cachedBase();
beforeAll(async () => {
  acme = await createTenant({ name: "Tasks", email: `tasks-${Date.now()}@acme.test` });
  several = await deployTinyModel(acme, "topics", { task: textMultiLabel as Task, rows: severalRows });
  stars = await deployTinyModel(acme, "stars", { task: textNumber as Task, rows: starRows });
  pairs = await deployTinyModel(acme, "pairs", { task: textSimilarity as Task, rows: pairRows });
  table = await deployTinyModel(acme, "table", {
    task: tableClassification as Task,
    rows: tableRows,
    recipe: "dnn",
  });
  door = await openDoor();
  metricsPort = await freePort();
  serve = await startServe(env().SERVE_PORT, { ...process.env, METRICS_PORT: String(metricsPort) });
});
afterAll(async () => {
  await stopServe(serve, "SIGTERM");
  door.close();
  await closePools();
});

test("several labels come with their probability and whether each applies, in a chat by name", async () => {
  const input = "charged twice and the parcel has not arrived";
  const { answer } = await post("/v1/predictions", { model: several.name, input });
  const assigned = answer.data[0].labels.filter((one: { assigned: boolean }) => one.assigned);
  expect(assigned.map((one: { label: string }) => one.label).sort()).toEqual(["billing", "delivery"]);
  expect(answer.data[0].labels).toHaveLength(3);
  const messages = [{ role: "user", content: input }];
  const chat = await post("/v1/chat/completions", { model: several.name, messages, logprobs: true });
  expect(chat.answer.choices[0].message.content.split(", ").sort()).toEqual(["billing", "delivery"]);
  expect(chat.answer.choices[0].logprobs).toBeNull();
});

test("the report of every kind of model is what the API's document says", async () => {
  const headers = { authorization: `Bearer ${acme.apiKey}` };
  const reports = [several, pairs, table].map(({ name }) =>
    fetch(`${door.url}/v1/models/${name}/report`, { headers }).then((response) => response.json()),
  );
  const [topics, number, leaves] = await Promise.all(reports);
  expect(topics.evaluation).toMatchObject({ measures: "several_labels", per_class: expect.any(Array) });
  expect(number.evaluation).toMatchObject({ measures: "number", interval: { promised: 0.9 } });
  expect(number.evaluation.worst[0]).toMatchObject({ text: expect.any(String) });
  expect(leaves.columns.map((column: { name: string }) => column.name)).toEqual(["visits", "plan"]);
});

const explainedBy = async (model: string, input: unknown) => {
  const [plain, explained] = [
    await post("/v1/predictions", { model, input }),
    await post("/v1/predictions", { model, input, explain: true }),
  ];
  expect(explained.status, JSON.stringify(explained.answer)).toBe(200);
  const { explanation, ...answer } = explained.answer.data[0];
  expect(answer).toEqual(plain.answer.data[0]);
  expect(explained.answer.usage).toEqual(plain.answer.usage);
  const gradients = await post("/v1/predictions", { model, input, explain: "integrated_gradients" });
  expect(gradients).toMatchObject({ status: 400, answer: { error: { param: "explain" } } });
  return { answer, ...explanationSchema.parse(explanation) };
};
const answered = async (model: string, row: unknown) =>
  (await post("/v1/predictions", { model, input: [row] })).answer.data[0];

test("each of several labels comes with the words that speak for it", async () => {
  const { adds_to, words, labels } = await explainedBy(several.name, "charged twice, no parcel");
  expect(adds_to).toBe("log_odds");
  expect(labels.map(({ label }) => label).sort()).toEqual(["billing", "delivery", "login"]);
  const heaviest = (label: string) => {
    const { weights = [] } = labels.find((one) => one.label === label) ?? {};
    return words[weights.indexOf(Math.max(...weights))]?.text;
  };
  expect(heaviest("delivery")).toBe("parcel");
  expect(["charged", "twice"]).toContain(heaviest("billing"));
});

test("a number comes with what each word adds to it", async () => {
  const { adds_to, label, words } = await explainedBy(stars.name, "the room was dreadful");
  expect([adds_to, label]).toEqual(["value", "value"]);
  const least = words.reduce((a, b) => (b.weight < a.weight ? b : a));
  expect([least.text, least.weight < 0]).toEqual(["dreadful", true]);
});

test("every word of two texts is told by its text, and without the heaviest one the number is less by its weight", async () => {
  const row: Record<string, string> = { text: "my lamp is broken", text_b: "is the lamp wonderful 😡" };
  const { answer, adds_to, words } = await explainedBy(pairs.name, [row]);
  expect(adds_to).toBe("value");
  expect(words.map(({ role, text }) => [role, text])).toEqual(
    Object.entries(row).flatMap(([role, text]) => text.split(" ").map((word) => [role, word])),
  );
  // At an end of the scale an answer does not move.
  const isInside = ({ value }: { value: number }) => value > 1 && value < 5;
  expect(isInside(answer)).toBe(true);
  const [heaviest] = words.toSorted((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const { role = "", start = 0, end = 0, weight = 0 } = heaviest ?? {};
  const points = [...(row[role] ?? "")];
  const without = { ...row, [role]: [...points.slice(0, start), ...points.slice(end)].join("") };
  const other = await answered(pairs.name, without);
  expect(isInside(other)).toBe(true);
  expect(Math.abs(weight)).toBeGreaterThan(0.05);
  expect(answer.value - other.value).toBeCloseTo(weight, 5);
});

test("a text that rows share is read about once, and is answered and metered as in a call of its own", async ({
  skip,
}) => {
  if (!base) skip("the base is not installed");
  const based = await deployTinyModel(acme, "based", { task: textSimilarity as Task, rows: pairRows, base });
  const readSoFar = async () => {
    const text = await (await fetch(`http://127.0.0.1:${metricsPort}/metrics`)).text();
    const sums = text.matchAll(/^graft_serve_batch_rows_sum\{.*\} (\d+)$/gm);
    return [...sums].reduce((sum, [, rows]) => sum + Number(rows), 0);
  };
  const row = { text: "my lamp is broken and nobody answers", text_b: "is the lamp broken" };
  const rows = Array.from({ length: 20 }, (_, n) => ({ ...row, text_b: `is lamp number ${n} broken` }));
  const alone = await post("/v1/predictions", { model: based.name, input: rows.slice(7, 8) });
  const before = await readSoFar();
  const { answer } = await post("/v1/predictions", { model: based.name, input: rows });
  const between = await readSoFar();
  // The first row goes ahead of the others.
  expect(between - before).toBe(20 + 2);
  expect(answer.data[7].value).toBeCloseTo(alone.answer.data[0].value, 3);
  expect(answer.usage.tokens).toBeGreaterThan(20 * (alone.answer.usage.tokens - 1));

  const words = 7 + 4;
  await post("/v1/predictions", { model: based.name, input: [row], explain: true });
  expect((await readSoFar()) - between).toBe(2 + words + 2);
});

test("a row of a table is told by its columns, and with the usual value in one the log-odds are less by its weight", async () => {
  const row = { visits: 1, plan: "plus" };
  const { answer, adds_to, label, words, columns = [], labels } = await explainedBy(table.name, [row]);
  expect([adds_to, label, words]).toEqual(["log_odds", answer.label, []]);
  expect(columns).toMatchObject([
    { name: "visits", value: 1, usual: expect.any(Number) },
    { name: "plan", value: "plus", usual: "basic" },
  ]);
  expect(labels[0]?.weights).toEqual(columns.map(({ weight }) => weight));
  const logOdds = (from: typeof answer) => {
    const { probability } = from.labels.find((one: { label: string }) => one.label === label);
    return Math.log(probability / (1 - probability));
  };
  for (const { name, usual, weight } of columns) {
    const other = await answered(table.name, { ...row, [name]: usual });
    expect(logOdds(answer) - logOdds(other)).toBeCloseTo(weight, 3);
  }
  const [visits, plan] = columns.map(({ weight }) => Math.abs(weight));
  expect(visits).toBeGreaterThan(1);
  expect(plan).toBeLessThan(visits ?? 0);
  // What the model does not know of a row is compared with what is usual too; what is usual itself adds nothing.
  const none = await explainedBy(table.name, [{ plan: "basic" }]);
  expect(none.columns).toMatchObject([
    { name: "visits", value: null },
    { name: "plan", value: "basic", weight: 0 },
  ]);
});

test("rows of more columns than are left out one by one are answered, and not explained", async () => {
  const row = (n: number) =>
    Object.fromEntries(Array.from({ length: 257 }, (_, at) => [`c${at}`, (n * (at + 1)) % 40]));
  const rows = Array.from({ length: 60 }, (_, n) => ({ input: row(n), target: n % 2 ? "odd" : "even" }));
  const wide = await deployTinyModel(acme, "wide", {
    task: tableClassification as Task,
    rows,
    recipe: "head",
  });
  expect(await answered(wide.name, row(3))).toMatchObject({ label: expect.any(String) });
  const refused = await post("/v1/predictions", { model: wide.name, input: [row(3)], explain: true });
  expect(refused).toMatchObject({
    status: 400,
    answer: { error: { param: "explain", message: expect.stringContaining("more than 256 columns") } },
  });
});

test("two texts are answered with a number inside of its interval, and half a row is refused by its place", async () => {
  const same = { text: "my lamp is broken", text_b: "the lamp is broken" };
  const other = { text: "my lamp is broken", text_b: "where is the phone" };
  const { answer } = await post("/v1/predictions", { model: pairs.name, input: [same, other] });
  const [near, far] = answer.data;
  expect(near.value).toBeGreaterThan(far.value);
  expect(near.interval).toMatchObject({ coverage: 0.9 });
  expect(near.interval.low).toBeLessThanOrEqual(near.value);
  const refused = await post("/v1/predictions", { model: pairs.name, input: [same, "one text"] });
  expect(refused).toMatchObject({ status: 400, answer: { error: { code: "input_shape" } } });
  expect(refused.answer.error.message).toMatch(/`input\[1\]`.*`text` and `text_b`/);
  const abstaining = await post("/v1/predictions", { model: pairs.name, input: [same], abstain: true });
  expect(abstaining.answer.error).toMatchObject({ code: "unsupported_parameter", param: "abstain" });
});

test("a file of pairs comes back with the number, its interval and its level behind every row", async () => {
  const form = new FormData();
  form.set("model", pairs.name);
  const text = "left,right\nmy lamp is broken,the lamp is broken\nmy lamp is broken,\n";
  form.set("file", new Blob([text], { type: "text/csv" }), "pairs.csv");
  const response = await fetch(`${door.url}/v1/predictions/file`, {
    method: "POST",
    headers: { authorization: `Bearer ${acme.apiKey}` },
    body: form,
  });
  const [header, first, half] = (await response.text()).trim().split(/\r?\n/);
  expect(header).toBe("left,right,value,low,high,level");
  expect(first).toMatch(/^"?my lamp is broken"?,"?the lamp is broken"?(,"?[\d.]+"?){3},"?5"?$/);
  expect(half).toMatch(/,,,,,$|,"","","",""/);
});

test("a row of a table is an object by column, where a missing one is empty and a strange one refused by name", async () => {
  const input = [{ visits: 1, plan: "basic" }, { plan: "plus", visits: "9,5" }, { visits: null }, {}];
  const { answer } = await post("/v1/predictions", { model: table.name, input, abstain: true });
  expect(answer.data.map((one: { label: string }) => one.label).slice(0, 2)).toEqual(["leaves", "stays"]);
  expect(answer.data[3].labels).toHaveLength(2);
  expect(answer.usage).toEqual({ inputs: 4, tokens: 4 });
  const refusals: [unknown, RegExp][] = [
    [{ visits: 1, plam: "basic" }, /`input\[1\]`: there is no column `plam`; the model reads: visits, plan/],
    [{ visits: "often", plan: "basic" }, /`input\[1\]`: `visits` takes a number, not `often`/],
    ["a text", /`input\[1\]` is not an object/],
  ];
  for (const [row, message] of refusals) {
    const refused = await post("/v1/predictions", { model: table.name, input: [{ visits: 1 }, row] });
    expect(refused).toMatchObject({
      status: 400,
      answer: { error: { code: "input_shape", param: "input" } },
    });
    expect(refused.answer.error.message).toMatch(message);
  }
});

test("a table comes back with a label behind every row, whatever its cells hold; other columns stay as they were", async () => {
  const form = new FormData();
  form.set("model", table.name);
  const text = "member,plan,visits\nA,basic,1\nB,plus,often\nC,,\n";
  form.set("file", new Blob([text], { type: "text/csv" }), "members.csv");
  const response = await fetch(`${door.url}/v1/predictions/file`, {
    method: "POST",
    headers: { authorization: `Bearer ${acme.apiKey}` },
    body: form,
  });
  const [header, ...lines] = (await response.text()).trim().split(/\r?\n/);
  expect(header).toBe("member,plan,visits,label,confidence");
  expect(lines[0]).toMatch(/^A,basic,1,leaves,[\d.]+$/);
  expect(lines[1]).toMatch(/^B,plus,often,(leaves|stays),[\d.]+$/);
  expect(lines[2]).toBe("C,,,,");
});

test("a tuned model's vectors are its base's own way of reading; one without a base has none", async ({
  skip,
}) => {
  const refused = await post("/v1/embeddings", { model: several.name, input: "a parcel" });
  expect(refused).toMatchObject({
    status: 400,
    answer: { error: { code: "base_unavailable", param: "model" } },
  });
  if (!base) skip("the base is not installed");
  const tuned = await deployTinyModel(acme, "head", { base });
  const ask = { input: ["a parcel"], encoding_format: "float" };
  const [own, plain] = await Promise.all([
    post("/v1/embeddings", { ...ask, model: tuned.name }),
    post("/v1/embeddings", { ...ask, model: "minilm-l6" }),
  ]);
  expect(own.answer.model).toBe(tuned.name);
  const [a, b] = [own, plain].map(({ answer }) => answer.data[0].embedding as number[]);
  expect(a?.length).toBe(384);
  for (const [i, value] of (a ?? []).entries()) expect(value).toBeCloseTo(b?.[i] ?? 9, 4);
});
