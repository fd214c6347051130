import { expect, test } from "@playwright/test";
import OpenAI, { AuthenticationError, BadRequestError, NotFoundError } from "openai";
import { createTenant, type MadeTenant, ready, smallCsv, until } from "./fixtures";

/** The unmodified `openai` client with only `baseURL` and `apiKey` set goes the customer's whole way. */
test.describe.configure({ mode: "serial" });
let tenant: MadeTenant;
let client: OpenAI;
let model = "";

test.beforeAll(async () => {
  tenant = await createTenant("client");
  client = new OpenAI({ baseURL: `${ready().url}/v1`, apiKey: tenant.apiKey });
});

test("uploads, waits, lists, reads back and deletes a file", async () => {
  const file = await client.files.create({
    file: new File([smallCsv()], "tickets.csv"),
    purpose: "fine-tune",
  });
  expect(file).toMatchObject({ object: "file", filename: "tickets.csv", purpose: "fine-tune" });
  const done = await client.files.waitForProcessing(file.id, { pollInterval: 200, maxWait: 60_000 });
  expect(done.status).toBe("processed");
  const listed: string[] = [];
  for await (const one of client.files.list({ limit: 1 })) listed.push(one.id);
  expect(listed).toContain(file.id);
  expect(await (await client.files.content(file.id)).text()).toBe(smallCsv());
  expect(await client.files.delete(file.id)).toEqual({ id: file.id, object: "file", deleted: true });
  await expect(client.files.retrieve(file.id)).rejects.toBeInstanceOf(NotFoundError);
});

test("orders a job, reads its events, and gets a model", async () => {
  const file = await client.files.create({ file: new File([smallCsv()], "t.csv"), purpose: "fine-tune" });
  const job = await client.fineTuning.jobs.create({
    model: "minilm-l6",
    training_file: file.id,
    suffix: "client",
    metadata: { run: "1" },
    ...{ graft: { recipe: "head" } },
  });
  for (const key of [
    "finished_at",
    "fine_tuned_model",
    "trained_tokens",
    "error",
    "validation_file",
  ] as const)
    expect(job[key], key).toBeNull();
  const finished = await until("the job", async () => {
    const now = await client.fineTuning.jobs.retrieve(job.id);
    if (now.status === "failed" || now.status === "cancelled") throw new Error(JSON.stringify(now.error));
    return now.status === "succeeded" ? now : null;
  });
  model = String(finished.fine_tuned_model);
  expect(model).toMatch(new RegExp(`^ft:minilm-l6:${tenant.slug}:client:[0-9a-zA-Z]+$`));
  const events: string[] = [];
  for await (const event of client.fineTuning.jobs.listEvents(job.id, { limit: 5 })) events.push(event.id);
  expect(events.length).toBeGreaterThan(5);
  expect(new Set(events).size).toBe(events.length);
  // A first model comes early only where the base is tuned.
  expect((await client.fineTuning.jobs.checkpoints.list(job.id)).data).toEqual([]);
  const found = await client.fineTuning.jobs.list({ metadata: { run: "1" } });
  expect(found.data.map((one) => one.id)).toEqual([job.id]);
  await expect(client.fineTuning.jobs.cancel(job.id)).rejects.toMatchObject({
    status: 409,
    code: "state_conflict",
  });
});

test("pauses a job and resumes it", async () => {
  const file = await client.files.create({ file: new File([smallCsv()], "t.csv"), purpose: "fine-tune" });
  const order = () =>
    client.fineTuning.jobs.create({
      model: "minilm-l6",
      training_file: file.id,
      ...{ graft: { recipe: "head" } },
    });
  const first = await order();
  const stateOf = async (id: string): Promise<string> => (await client.fineTuning.jobs.retrieve(id)).status;
  await until("the file's check", async () => (await stateOf(first.id)) !== "validating_files" || null);
  // On rows that are frozen already a job waits for nothing but its place.
  const second = await order();
  const paused = await client.fineTuning.jobs.pause(second.id);
  expect(paused).toMatchObject({ id: second.id, status: "paused", finished_at: null, error: null });
  const conflict = { status: 409, code: "state_conflict" };
  await expect(client.fineTuning.jobs.pause(second.id)).rejects.toMatchObject(conflict);
  // The place is the other one's meanwhile.
  await until("the other job", async () => (await stateOf(first.id)) === "succeeded" || null);
  expect(await stateOf(second.id)).toBe("paused");
  expect((await client.fineTuning.jobs.resume(second.id)).status).toBe("queued");
  await until("the resumed job", async () => (await stateOf(second.id)) === "succeeded" || null);
  await expect(client.fineTuning.jobs.resume(second.id)).rejects.toMatchObject(conflict);
});

test("asks the model by chat with probabilities, streamed and whole", async () => {
  const messages = [{ role: "user" as const, content: "please refund the broken kettle" }];
  const whole = await client.chat.completions.create({ model, messages, logprobs: true, top_logprobs: 3 });
  expect(whole.choices[0]?.message.content).toBe("refund");
  const top = whole.choices[0]?.logprobs?.content?.[0]?.top_logprobs ?? [];
  expect(top.reduce((sum, one) => sum + Math.exp(one.logprob), 0)).toBeCloseTo(1, 3);
  let text = "";
  for await (const chunk of await client.chat.completions.create({ model, messages, stream: true }))
    text += chunk.choices[0]?.delta.content ?? "";
  expect(text).toBe("refund");
  const refused = client.chat.completions.create({ model, messages, n: 2 });
  await expect(refused).rejects.toBeInstanceOf(BadRequestError);
});

test("embeds texts in the client's default encoding, unit length", async () => {
  const { data } = await client.embeddings.create({ model: "minilm-l6", input: ["a refund", "a parcel"] });
  expect(data).toHaveLength(2);
  const length = (data[0]?.embedding ?? []).reduce((sum, x) => sum + x * x, 0);
  expect(length).toBeCloseTo(1, 3);
});

test("a call that is not here is refused as the client reads refusals, with where to look", async () => {
  const refused = await client.responses
    .create({ model, input: "a refund" })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(NotFoundError);
  expect(refused).toMatchObject({
    code: "not_found",
    message: expect.stringContaining("POST /v1/responses"),
  });
});

test("lists, retrieves and deletes models; errors carry code and request id", async () => {
  const ids: string[] = [];
  for await (const one of client.models.list()) ids.push(one.id);
  expect(ids).toEqual(expect.arrayContaining(["minilm-l6", model]));
  expect((await client.models.retrieve(model)).id).toBe(model);
  expect(await client.models.delete(model)).toMatchObject({ id: model, deleted: true });
  const gone = await client.models.retrieve(model).catch((error: unknown) => error);
  expect(gone).toBeInstanceOf(NotFoundError);
  expect(gone).toMatchObject({ code: "model_not_found", requestID: expect.stringMatching(/^req_/) });
  const stranger = new OpenAI({ baseURL: `${ready().url}/v1`, apiKey: "gk_wrong" });
  await expect(stranger.models.list()).rejects.toBeInstanceOf(AuthenticationError);
});
