import { type ChildProcess, execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { POST as importRoute } from "@/app/v1/models/import/route";
import { closePools } from "@/db/index";
import { cachedBase } from "@/lib/bases.fixture";
import { env } from "@/lib/env";
import { createFile, getFile } from "@/lib/files";
import { listEvents } from "@/lib/job-events";
import { cancelJob, getJob, listJobs } from "@/lib/jobs";
import { readEncoderConfig } from "@/lib/ml/base/encoder-config";
import { openBase } from "@/lib/ml/base/forward";
import { createLora } from "@/lib/ml/base/lora-shape";
import { readSafetensors, writeSafetensors } from "@/lib/ml/base/safetensors";
import { openTokenizer } from "@/lib/ml/base/tokenizer";
import { importAdapter } from "@/lib/ml/portable/import";
import { writePeft } from "@/lib/ml/portable/peft";
import type { BaseFiles } from "@/lib/ml/task";
import { getModel } from "@/lib/models";
import { closeQueues } from "@/lib/queue";
import { actorOf } from "@/lib/session";
import { createTenant } from "@/lib/tenants";
import { openDoor, startServe, stopServe, until } from "./serve-fixtures";
import { startWorker } from "./worker";

/** Adapters from elsewhere, one of them written by Python's own `peft`, become models that answer. */
const root = mkdtempSync(join(tmpdir(), "graft-brought-"));
const python = join(homedir(), ".cache/graft/peers/torch-peft-sentence-transformers/bin/python");
// Before anything reads the environment: the probe asks there.
const door = await openDoor();
process.env.GRAFT_URL = door.url;
const cached = await cachedBase();
if (!existsSync(python))
  console.warn("SKIPPED: Python's peft is not here; npm run bench -- engine lora-step brings it");

const WORDS = {
  refund: ["money back", "refund my order", "return the payment", "reimburse me", "cancel and refund"],
  delivery: ["parcel late", "where is my package", "delivery address", "courier never came", "shipping time"],
};
const rows = Object.entries(WORDS).flatMap(([label, texts]) =>
  Array.from({ length: 40 }, (_, n) => `${texts[n % texts.length]} please number ${n},${label}`),
);

/** Rows of another task: any of the labels of a list. */
const LISTS = Array.from({ length: 60 }, (_, n) => {
  const labels = ["refund", "delivery", "account"].filter((_, bit) => ((n % 7) + 1) & (1 << bit));
  return `please look at my order number ${n},"${labels.join(", ")}"`;
});

/** Who reads it is skipped without it. */
const base = cached as BaseFiles;
let serve: ChildProcess;
let worker: Awaited<ReturnType<typeof startWorker>>;
beforeAll(async () => {
  if (!cached) return;
  serve = await startServe(Number(process.env.SERVE_PORT), process.env);
  worker = await startWorker({ sweepMs: 500 });
});
afterAll(async () => {
  if (cached) {
    await worker.close();
    await stopServe(serve, "SIGTERM");
  }
  door.close();
  await Promise.all([closeQueues(), closePools()]);
  rmSync(root, { recursive: true, force: true });
});

async function ownAdapter(): Promise<string> {
  const dir = mkdtempSync(join(root, "own-"));
  const shape = { rank: 4, alpha: 8, targets: ["query", "value"] as const, fromLayer: 2 };
  const lora = createLora(await readEncoderConfig(base.dir), shape, 3);
  for (const { b } of lora.pairs) for (let i = 0; i < b.length; i++) b[i] = ((i % 7) - 3) / 200;
  await writePeft(dir, lora, "sentence-transformers/all-MiniLM-L6-v2");
  return dir;
}

/** The same as `peft` saves it where a classifier was trained on it. */
async function classifyingAdapter(): Promise<string> {
  const dir = await ownAdapter();
  const path = join(dir, "adapter_model.safetensors");
  const tensors = await readSafetensors(path);
  tensors.set("base_model.model.classifier.weight", {
    shape: [2, 384],
    values: new Float32Array(768).fill(1),
  });
  tensors.set("base_model.model.classifier.bias", { shape: [2], values: new Float32Array(2) });
  await writeSafetensors(path, tensors);
  return dir;
}

async function tenantWithRows() {
  const made = await createTenant({ name: "Brings", email: `b-${Date.now().toString(36)}@brings.test` });
  const headers = { authorization: `Bearer ${made.apiKey}` };
  const upload = (csv: string) =>
    createFile({
      tenantId: made.tenantId,
      actorId: "system",
      filename: "tickets.csv",
      purpose: "fine-tune",
      stream: Readable.from([Buffer.from(csv)]),
    });
  const file = await upload(`text,label\n${rows.join("\n")}\n`);
  const bring = async (dir: string, fields: Record<string, string>, files = readdirSync(dir)) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    for (const name of files) form.set(name, new Blob([readFileSync(join(dir, name))]), name);
    const request = new Request(`${door.url}/v1/models/import`, { method: "POST", headers, body: form });
    const response = await importRoute(request);
    return { status: response.status, body: await response.json() };
  };
  return { ...made, headers, file: file.id, upload, bring };
}
const jobFiles = (tenantId: string, id: string) => join(env().home, "storage", tenantId, "jobs", id);

test.skipIf(!cached)(
  "an adapter with labelled rows becomes a model that answers, and its files go with the job",
  async () => {
    const tenant = await tenantWithRows();
    const ordered = await tenant.bring(await classifyingAdapter(), {
      training_file: tenant.file,
      suffix: "brought",
    });
    expect(ordered.status, JSON.stringify(ordered.body)).toBe(200);
    expect(existsSync(jobFiles(tenant.tenantId, ordered.body.id))).toBe(true);
    const job = await until("the job to end", async () => {
      const found = await getJob(tenant.tenantId, ordered.body.id);
      return ["succeeded", "failed"].includes(found.state) && found;
    });
    expect(job, job.errorMessage ?? "").toMatchObject({ state: "succeeded", attempt: 1 });
    const said = await listEvents(tenant.tenantId, job.id, { limit: 100 });
    expect(said.data.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/own head \(classifier\) is left out/),
    );
    const { name, report } = await getModel(tenant.tenantId, job.modelId ?? "");
    expect(report.compared.map(({ recipe }) => recipe)).toEqual(["head", "wide"]);
    expect(report.importedAdapter).toMatchObject({ rank: 4, targets: ["query", "value"] });
    const answer = await fetch(`${door.url}/v1/predictions`, {
      method: "POST",
      headers: { ...tenant.headers, "content-type": "application/json" },
      body: JSON.stringify({ model: name, input: "please reimburse me" }),
    });
    expect(await answer.json()).toMatchObject({ data: [{ label: "refund" }] });
    await until("the adapter's files to go", async () => !existsSync(jobFiles(tenant.tenantId, job.id)));
  },
  120_000,
);

test.skipIf(!cached)("what cannot become a model is refused before anything is ordered", async () => {
  const tenant = await tenantWithRows();
  const [dir, fields] = [await ownAdapter(), { training_file: tenant.file }];
  const other = mkdtempSync(join(root, "other-"));
  await writePeft(
    other,
    createLora(await readEncoderConfig(base.dir), { rank: 65, alpha: 2, targets: ["up"], fromLayer: 0 }, 1),
    "x/all-MiniLM-L6-v2",
  );
  const left = join(env().home, "storage", tenant.tenantId, "jobs");
  const lists = await tenant.upload(`text,labels\n${LISTS.join("\n")}\n`);
  await until("the lists to be read", async () => {
    const { status, profile } = await getFile(tenant.tenantId, lists.id);
    return status === "processed" && profile?.guess.task === "text-multi-label";
  });
  const cases: [string, string | null, ReturnType<typeof tenant.bring>][] = [
    ["adapter_unsupported", "adapter", tenant.bring(other, fields)],
    ["task_unsupported", "training_file", tenant.bring(dir, { training_file: lists.id })],
    ["invalid_request", "training_file", tenant.bring(dir, {})],
    ["not_found", "training_file", tenant.bring(dir, { training_file: "file-01j0000000000000000000000x" })],
    ["model_not_found", "model", tenant.bring(dir, { ...fields, model: "gpt" })],
    ["multipart_invalid", "adapter_model.safetensors", tenant.bring(dir, fields, ["adapter_config.json"])],
  ];
  for (const [code, param, asked] of cases) expect((await asked).body.error).toMatchObject({ code, param });
  expect(existsSync(left) ? readdirSync(left) : []).toEqual([]);
  expect((await listJobs(tenant.tenantId, { limit: 1 })).data).toEqual([]);
  const { body } = await tenant.bring(dir, fields);
  const request = new Request(door.url, { headers: tenant.headers });
  await cancelJob(await actorOf(request), body.id);
  expect(existsSync(jobFiles(tenant.tenantId, body.id))).toBe(false);
});

const PEFT = `
import json, sys, torch
from transformers import AutoModel, AutoModelForSequenceClassification
from peft import LoraConfig, get_peft_model
base, out, task, batch = sys.argv[1], sys.argv[2], sys.argv[3], json.loads(sys.argv[4])
torch.manual_seed(1)
kind = AutoModelForSequenceClassification if task == "SEQ_CLS" else AutoModel
config = LoraConfig(task_type=task, r=4, lora_alpha=8, target_modules=["query", "value"])
model = get_peft_model(kind.from_pretrained(base), config)
encoder = getattr(model.base_model.model, "bert", model.base_model.model)
for name, weight in model.named_parameters():
    if "lora_B" in name: torch.nn.init.normal_(weight, std=0.05)
model.eval().save_pretrained(out)
for ids in batch:
    with torch.inference_mode():
        states = encoder(input_ids=torch.tensor([ids]), attention_mask=torch.ones(1, len(ids), dtype=torch.long)).last_hidden_state
    print(json.dumps(torch.nn.functional.normalize(states.mean(1), dim=1)[0].tolist()))
`;

test.skipIf(!cached || !existsSync(python)).each([
  ["FEATURE_EXTRACTION", []],
  ["SEQ_CLS", ["classifier"]],
])(
  "an adapter that Python's peft wrote for %s is read as Python reads it",
  async (task, heads) => {
    const out = mkdtempSync(join(root, "peft-"));
    writeFileSync(join(root, "write-adapter.py"), PEFT);
    const tokenize = await openTokenizer(base.dir, 256);
    const batch = ["where is my parcel", "我的包裹在哪里", "x"].map((text) => tokenize(text).ids);
    const asked = JSON.stringify(batch.map((ids) => [...ids]));
    const said = execFileSync(python, [join(root, "write-adapter.py"), base.dir, out, task, asked], {
      encoding: "utf8",
    });
    const theirs = said
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as number[]);
    const { replaced, ...adapter } = await importAdapter(out, base);
    expect(replaced).toEqual(heads);
    const session = await openBase(base.dir, { threads: 1 });
    const own = await session.embed(batch.map((ids) => ({ ids, adapter })));
    const plain = await session.embed(batch.map((ids) => ({ ids })));
    await session.close();
    const gap = (a: Float32Array | undefined, b: number[] | undefined) =>
      Math.max(...(b ?? [9]).map((x, i) => Math.abs(x - (a?.[i] ?? 9))));
    for (const [i, vector] of own.entries()) {
      expect(gap(vector, theirs[i])).toBeLessThanOrEqual(1e-4);
      expect(gap(plain[i], theirs[i])).toBeGreaterThan(0.01);
    }
  },
  180_000,
);
