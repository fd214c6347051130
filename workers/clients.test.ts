import { type ChildProcess, execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Graft, GraftError } from "@/clients/typescript/graft";
import { closePools } from "@/db/index";
import { env } from "@/lib/env";
import { unique } from "@/lib/people.fixture";
import { createTenant } from "@/lib/tenants";
import { deployTinyModel, openDoor, startServe, stopServe } from "./serve-fixtures";

/** The clients that are made of the API's document, against the real routes and a real serve process. */
let serve: ChildProcess;
let door: Awaited<ReturnType<typeof openDoor>>;
let acme: Awaited<ReturnType<typeof createTenant>>;
let model: string;
beforeAll(async () => {
  acme = await createTenant({ name: unique("Clients"), email: `${unique("clients")}@acme.test` });
  model = (await deployTinyModel(acme, "tickets", {})).name;
  door = await openDoor(env().PORT);
  serve = await startServe(env().SERVE_PORT, process.env);
});
afterAll(async () => {
  await stopServe(serve, "SIGTERM");
  door.close();
  await closePools();
});

test("the TypeScript client uploads, names, asks and reads refusals with their code", async () => {
  const graft = new Graft({ apiKey: acme.apiKey, baseUrl: door.url, maxRetries: 0 });
  const file = await graft.createFile(new File(["text,label\na,b\n"], "rows.csv"), { purpose: "fine-tune" });
  expect(file).toMatchObject({ object: "file", filename: "rows.csv" });
  expect(await (await graft.getFileContent(file.id)).text()).toContain("text,label");
  await graft.createDeployment({ name: "by-typescript", model });
  const answer = await graft.predict({ model: "by-typescript", input: ["please refund my order"] });
  expect(answer).toMatchObject({ model, data: [{ label: "refund" }] });
  const said = { index: 0, correct: true, input: "please refund my order" };
  expect(await graft.giveFeedback(answer.id, said)).toMatchObject({ correct: true });
  expect((await graft.listModels()).data.map(({ id }) => id)).toContain("by-typescript");
  const same = { idempotencyKey: "once" };
  const [one, two] = [
    await graft.predict({ model, input: "where is my package" }, same),
    await graft.predict({ model, input: "where is my package" }, same),
  ];
  expect(two.id).toBe(one.id);
  const { evaluation, hashes } = await graft.getModelReport(model);
  expect(evaluation.measures === "labels" && evaluation.macro_f1.value).toBeGreaterThan(0.5);
  expect(hashes.artifact).toMatch(/^[0-9a-f]{64}$/);
  const refused = await graft.getModel("ft:nobody").catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(GraftError);
  expect(refused).toMatchObject({
    status: 404,
    code: "model_not_found",
    requestId: expect.stringMatching(/^req_/),
  });
});

test("a wait that is told is waited, then asked again", async () => {
  let asked = 0;
  const busyOnce: typeof fetch = async (...request) => {
    asked++;
    if (asked > 1) return fetch(...request);
    return new Response("{}", { status: 429, headers: { "retry-after-ms": "5" } });
  };
  const graft = new Graft({ apiKey: acme.apiKey, baseUrl: door.url, fetch: busyOnce });
  expect((await graft.listBatches({ limit: 1 })).data).toEqual([]);
  expect(asked).toBe(2);
});

test("the Python client does the same with nothing but its standard library", async () => {
  const code = `
import json, sys
sys.path.insert(0, "clients/python")
from graft import Graft, GraftError
graft = Graft(api_key=sys.argv[1], base_url=sys.argv[2], max_retries=0)
file = graft.create_file(b"text,label\\na,b\\n", "rows.csv", purpose="fine-tune")
graft.create_deployment({"name": "by-python", "model": sys.argv[3]})
answer = graft.predict({"model": "by-python", "input": ["please refund my order"]}, idempotency_key="p")
again = graft.predict({"model": "by-python", "input": ["please refund my order"]}, idempotency_key="p")
try:
    graft.get_model("ft:nobody")
except GraftError as refused:
    code = refused.code
print(json.dumps({"file": file["filename"], "content": graft.get_file_content(file["id"]).decode(),
    "label": answer["data"][0]["label"], "same": answer["id"] == again["id"], "code": code,
    "batches": graft.list_batches(limit=1)["data"]}))`;
  const { stdout } = await promisify(execFile)("python3", ["-c", code, acme.apiKey, door.url, model]);
  expect(JSON.parse(stdout)).toEqual({
    file: "rows.csv",
    content: "text,label\na,b\n",
    label: "refund",
    same: true,
    code: "model_not_found",
    batches: [],
  });
});
