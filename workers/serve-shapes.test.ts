import { type ChildProcess, execFile } from "node:child_process";
import { promisify } from "node:util";
import { InferenceClient } from "@huggingface/inference";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { cachedBase } from "@/lib/bases.fixture";
import { env } from "@/lib/env";
import type { Task } from "@/lib/ml/task";
import { tableClassification } from "@/lib/ml/tasks/table-classification";
import { textAnswers } from "@/lib/ml/tasks/text-answers";
import { textEntities } from "@/lib/ml/tasks/text-entities";
import { textMultiLabel } from "@/lib/ml/tasks/text-multi-label";
import { createTenant } from "@/lib/tenants";
import { usageByDay } from "@/lib/usage";
import { pythonWith } from "@/scripts/test/python.mjs";
import {
  deployTinyModel,
  openDoor,
  questionRows,
  severalRows,
  spanRows,
  startServe,
  stopServe,
  tableRows,
  until,
} from "./serve-fixtures";

/** The shapes of Hugging Face, KServe and Cohere, asked by the clients that people have. */
let serve: ChildProcess;
let door: Awaited<ReturnType<typeof openDoor>>;
let acme: Awaited<ReturnType<typeof createTenant>>;
let other: Awaited<ReturnType<typeof createTenant>>;
const names: Record<string, string> = {};

const headersOf = (key: string) => ({ "content-type": "application/json", authorization: `Bearer ${key}` });
const post = (path: string, body: unknown, key = acme.apiKey) =>
  fetch(door.url + path, { method: "POST", headers: headersOf(key), body: JSON.stringify(body) }).then(
    async (response) => ({ status: response.status, answer: await response.json() }),
  );
const hf = (model: string) =>
  new InferenceClient(acme.apiKey, { endpointUrl: `${door.url}/hf/models/${names[model] ?? model}` });
const inferPath = (model: string) => `/v2/models/${encodeURIComponent(names[model] ?? model)}/infer`;
const texts = (data: unknown[], shape = [data.length]) => ({ name: "text", shape, datatype: "BYTES", data });

const base = await cachedBase();
beforeAll(async () => {
  acme = await createTenant({ name: "Shapes", email: `shapes-${Date.now()}@acme.test` });
  other = await createTenant({ name: "Stranger", email: `stranger-${Date.now()}@other.test` });
  const tasks = {
    tickets: {},
    topics: { task: textMultiLabel as Task, rows: severalRows },
    people: { task: textEntities as Task, rows: spanRows },
    questions: { task: textAnswers as Task, rows: questionRows },
    leavers: { task: tableClassification as Task, rows: tableRows, recipe: "dnn" },
  };
  for (const [suffix, tiny] of Object.entries(tasks))
    names[suffix] = (await deployTinyModel(acme, suffix, tiny)).name;
  door = await openDoor();
  serve = await startServe(env().SERVE_PORT, process.env);
});
afterAll(async () => {
  await stopServe(serve, "SIGTERM");
  door.close();
  await closePools();
});

test("Hugging Face's client reads labels, several labels, entities and answers", async () => {
  const labels = await hf("tickets").textClassification({ inputs: "please refund my order" });
  expect(labels[0]).toMatchObject({ label: "refund", score: expect.any(Number) });
  expect(labels.reduce((sum, { score }) => sum + score, 0)).toBeCloseTo(1, 5);
  const top = await hf("tickets").textClassification({ inputs: "my order", parameters: { top_k: 1 } });
  expect(top).toHaveLength(1);
  const several = await hf("topics").textClassification({ inputs: "the password is refused and the parcel" });
  expect(several.map(({ label }) => label).sort()).toEqual(["billing", "delivery", "login"]);
  const found = await hf("people").tokenClassification({ inputs: "the van of Ana left Lyon today" });
  expect(found).toContainEqual(expect.objectContaining({ entity_group: "person", word: "Ana", start: 11 }));
  const answer = await hf("questions").questionAnswering({
    inputs: { question: "Which town did the van leave?", context: "the van of Ana left Lyon today" },
  });
  expect(answer).toMatchObject({ answer: expect.any(String), score: expect.any(Number) });
});

test("Hugging Face's client reads vectors of the base and of a model's own pipeline", async ({ skip }) => {
  if (!base) skip("the base is not installed");
  const one = await hf("minilm-l6").featureExtraction({ inputs: "a parcel" });
  expect(one).toHaveLength(384);
  const many = await hf("minilm-l6").featureExtraction({ inputs: ["a parcel", "the password"] });
  expect(many).toHaveLength(2);
  expect((many as number[][])[0]?.[3]).toBeCloseTo((one as number[])[3] ?? 9, 5);
});

test("what Hugging Face's client asks wrongly is one sentence, and never 503", async () => {
  const refused = await post(`/hf/models/${names.tickets}`, {
    inputs: "x",
    parameters: { function_to_apply: "none" },
  });
  expect(refused).toMatchObject({ status: 400, answer: { error: expect.stringContaining("softmax") } });
  const absent = await post("/hf/models/ft:minilm-l6:nobody::x", { inputs: "x" });
  expect(absent).toMatchObject({ status: 404, answer: { error: expect.any(String) } });
  expect(await post(`/hf/models/${names.tickets}`, { inputs: "x" }, other.apiKey)).toEqual(absent);
  await expect(hf("leavers").textClassification({ inputs: "x" })).rejects.toThrow(/input\[0\]/);
});

test("an answer that is a piece of a text is not explained, and says why not", async () => {
  const inputs = { people: "Ana left", questions: [{ question: "Who left?", context: "Ana left" }] };
  for (const [model, input] of Object.entries(inputs))
    for (const explain of [true, "integrated_gradients"])
      expect(await post("/v1/predictions", { model: names[model], input, explain })).toMatchObject({
        status: 400,
        answer: {
          error: { param: "explain", message: expect.stringContaining("a piece of the text itself") },
        },
      });
});

test("Triton's client asks in binary and in JSON, and reads metadata, readiness and refusals", async ({
  skip,
}) => {
  const python = pythonWith("triton") ?? skip("tritonclient is not installed");
  const { stdout } = await promisify(execFile)(String(python), [
    "workers/triton-client.fixture.py",
    new URL(door.url).host,
    acme.apiKey,
    names.tickets ?? "",
  ]);
  const said = JSON.parse(stdout);
  expect(said).toMatchObject({
    live: true,
    ready: true,
    server: { name: "graft", extensions: ["binary_tensor_data"] },
    metadata: { name: names.tickets, inputs: [{ name: "text", datatype: "BYTES", shape: [-1] }] },
    model_ready: true,
    binary: { id: "42", label: ["refund", "delivery"], sums: [1, 1] },
    no_such_output: ["400", expect.stringContaining("label, probabilities, label_names")],
    too_many: ["400", expect.stringContaining("2,048")],
  });
  expect(said.json).toEqual(said.binary);
  expect(said.no_such_model[0]).toBe("404");
});

test("tensors of a table are columns by their names, and several labels are assigned one by one", async () => {
  const inputs = [
    { name: "visits", shape: [2, 1], datatype: "FP32", data: [[0.5], [9]] },
    { name: "plan", shape: [2], datatype: "BYTES", data: ["basic", "plus"] },
  ];
  const { answer } = await post(inferPath("leavers"), { id: "a", inputs });
  expect(answer).toMatchObject({ model_version: "1", id: "a" });
  expect(answer.outputs[0]).toEqual({
    name: "label",
    shape: [2],
    datatype: "BYTES",
    data: ["leaves", "stays"],
  });
  const several = await post(inferPath("topics"), {
    inputs: [texts(["i was charged twice on the invoice and the password is refused 1"])],
    outputs: [{ name: "assigned" }, { name: "label_names" }],
  });
  const [assigned, labels] = several.answer.outputs;
  expect(labels.data.filter((_: string, n: number) => assigned.data[n])).toEqual(["billing", "login"]);
  expect(assigned.shape).toEqual([1, 3]);
});

test("tensors that cannot be read are refused by their name", async () => {
  for (const [inputs, why] of [
    [[texts(["a", "b"], [3])], "2 values for the shape [3]"],
    [[texts(["a", "b"], [1, 2])], "a row is one value"],
    [[{ ...texts(["a"]), datatype: "FP16" }], "datatype FP16"],
    [[texts([1])], "no BYTES"],
    [[], "no tensor"],
    [[{ ...texts([]), data: undefined, parameters: { binary_data_size: 9 } }], "announces 9 bytes"],
  ] as const) {
    const { status, answer } = await post(inferPath("tickets"), { inputs });
    expect([status, answer.error]).toEqual([400, expect.stringContaining(why)]);
  }
  const cut = await fetch(door.url + inferPath("tickets"), {
    method: "POST",
    headers: { ...headersOf(acme.apiKey), "inference-header-content-length": "9999" },
    body: "{}",
  });
  expect(cut.status).toBe(400);
  const version = await post(`/v2/models/${names.tickets}/versions/2/infer`, { inputs: [texts(["a"])] });
  expect(version.status).toBe(404);
});

test("Cohere's shape names every label's confidence, and says whether one or several apply", async () => {
  const one = await post("/v1/classify", { model: names.tickets, inputs: ["please refund my order"] });
  const [first] = one.answer.classifications;
  expect(first).toMatchObject({
    input: "please refund my order",
    prediction: "refund",
    predictions: ["refund"],
    classification_type: "single-label",
  });
  const sum = Object.values(first.labels as Record<string, { confidence: number }>).reduce(
    (total, { confidence }) => total + confidence,
    0,
  );
  expect(sum).toBeCloseTo(1, 5);
  const several = await post("/v1/classify", { model: names.topics, inputs: ["hello 7"] });
  expect(several.answer.classifications[0]).toMatchObject({
    predictions: [],
    prediction: null,
    classification_type: "multi-label",
  });
  const taught = await post("/v1/classify", {
    model: names.tickets,
    inputs: ["x"],
    examples: [{ text: "x" }],
  });
  expect(taught.answer.error).toMatchObject({ code: "invalid_request", param: "examples" });
  const people = await post("/v1/classify", { model: names.people, inputs: ["x"] });
  expect(people.answer.error.code).toBe("task_unsupported");
});

test("rows of every shape are metered where they came in", async () => {
  const rowsByRoute = async () =>
    Object.fromEntries(
      (await usageByDay(acme.tenantId, 1)).map(({ route, rows, model }) => [`${route} ${model}`, rows]),
    );
  await until("the rows before to be recorded", async () => {
    const { spool } = await (await fetch(`http://127.0.0.1:${env().SERVE_PORT}/ready`)).json();
    return spool === 0;
  });
  const before = await rowsByRoute();
  await post("/v1/classify", { model: names.tickets, inputs: ["a", "b"] });
  await post(inferPath("tickets"), { inputs: [texts(["a", "b", "c"])] });
  await post(`/hf/models/${names.tickets}`, { inputs: ["a"] });
  await until("six rows more", async () => {
    const now = await rowsByRoute();
    const more = ["/v1/classify", "/v2/models/infer", "/hf/models"].map((route) => {
      const key = `${route} ${names.tickets}`;
      return (now[key] ?? 0) - (before[key] ?? 0);
    });
    return more.join() === "2,3,1";
  });
});
