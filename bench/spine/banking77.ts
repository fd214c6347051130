import { existsSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { report, skip } from "../peer";

/**
 * Whole time from upload to an answering model on Banking77 as published, over HTTP against a running
 * `npm start`: upload both files, order, wait, ask once. Run: `npm run bench -- spine banking77`.
 */
const home = resolve(process.env.GRAFT_HOME ?? ".graft");
const data = resolve(process.env.GRAFT_DATA_DIR ?? "../shared/data", "banking77");
const readyPath = join(home, "ready.json");
if (!existsSync(data)) skip("banking77", `${data} is not there`);
if (!existsSync(readyPath))
  skip("banking77", `no running stack: ${readyPath} is missing, run npm start first`);
const { url, apiKey } = JSON.parse(readFileSync(readyPath, "utf8")) as { url: string; apiKey: string };

async function call(path: string, body?: unknown): Promise<Record<string, unknown>> {
  const isForm = body instanceof FormData;
  const response = await fetch(new URL(path, url), {
    method: body === undefined ? "GET" : "POST",
    headers: {
      authorization: `Bearer ${apiKey}`,
      ...(body === undefined || isForm ? {} : { "content-type": "application/json" }),
    },
    body: isForm ? body : body === undefined ? undefined : JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(`${path}: ${response.status} ${JSON.stringify(answer)}`);
  return answer;
}

async function upload(name: string): Promise<string> {
  const form = new FormData();
  form.set("purpose", "fine-tune");
  form.set("file", new Blob([new Uint8Array(readFileSync(join(data, name)))]), name);
  return String((await call("/v1/files", form)).id);
}

const started = performance.now();
const seconds = () => Number(((performance.now() - started) / 1000).toFixed(1));
const [training_file, validation_file] = [await upload("train.csv"), await upload("test.csv")];
const uploaded = seconds();
const order = {
  model: "minilm-l6",
  training_file,
  validation_file,
  suffix: "banking77",
  graft: { recipe: "auto" },
};
let job = await call("/v1/fine_tuning/jobs", order);
while (!["succeeded", "failed", "cancelled"].includes(String(job.status))) {
  await new Promise((done) => setTimeout(done, 1000));
  job = await call(`/v1/fine_tuning/jobs/${job.id}`);
}
if (job.status !== "succeeded") throw new Error(`the job ${job.status}: ${JSON.stringify(job.error)}`);
const trained = seconds();
const model = String(job.fine_tuned_model);
const asked = "My card has not arrived yet, where is it?";
const answer = await call("/v1/predictions", { model, input: asked, top_k: 1 });
const whole = seconds();
const graft = (await call(`/v1/models/${encodeURIComponent(model)}`)).graft as Record<string, unknown>;
const accuracy = graft.accuracy as { value: number };
report(
  "spine banking77",
  {
    claim: "Banking77 as published over HTTP, from the upload to the first answer of the model",
    measured: `${(100 * accuracy.value).toFixed(2)} % on its test file (${graft.recipe}), ${Math.round(whole)} s`,
    target: ">= 92.5 %",
  },
  {
    secondsUploaded: uploaded,
    secondsReady: trained,
    secondsAnswered: whole,
    accuracy,
    answer: (answer.data as { label: string }[])[0]?.label,
  },
);
