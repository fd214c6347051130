import { createReadStream, existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { chromium } from "@playwright/test";
import OpenAI from "openai";
import { report, skip } from "../peer";

/**
 * Published sets exactly as published, through the portal in a browser and through the unmodified `openai` client,
 * against a running `npm start`. Run: `npm run bench -- endurance real-sets`.
 */
const home = resolve(process.env.GRAFT_HOME ?? ".graft");
const data = resolve(process.env.GRAFT_DATA_DIR ?? "../shared/data");
const readyPath = join(home, "ready.json");
if (!existsSync(join(data, "banking77"))) skip("real-sets", `${data} is not there`);
if (!existsSync(readyPath))
  skip("real-sets", `no running stack: ${readyPath} is missing, run npm start first`);
const ready = JSON.parse(readFileSync(readyPath, "utf8")) as {
  url: string;
  tenant: string;
  email: string;
  password: string;
  apiKey: string;
};
const client = new OpenAI({ baseURL: `${ready.url}/v1`, apiKey: ready.apiKey });
const LIMIT_MS = 20 * 60_000;

interface ModelFigures {
  recipe: string;
  accuracy: { value: number; low: number; high: number };
  floor_accuracy: number;
}
interface FileFigures {
  rows: number;
  accepted: number;
  set_aside: number;
}

/** Banking77 by hand: both files dropped in the portal, columns as guessed, measured on its own test file. */
async function bankingThroughPortal(): Promise<string> {
  const executablePath = ["/usr/bin/chromium", process.env.GRAFT_CHROMIUM].find(
    (path) => path && existsSync(path),
  );
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
  });
  try {
    const page = await browser.newPage({ locale: "en-US" });
    await page.goto(`${ready.url}/sign-in`);
    await page.getByLabel("Email").fill(ready.email);
    await page.getByLabel("Password", { exact: true }).fill(ready.password);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
    for (const name of ["test.csv", "train.csv"]) {
      await page.goto(`${ready.url}/${ready.tenant}/datasets/new`);
      await page.getByLabel("Choose files").setInputFiles(join(data, "banking77", name));
      await page.waitForURL(/datasets\/files\//);
      await page.getByRole("button", { name: "Create dataset" }).waitFor({ timeout: 60_000 });
    }
    await page.getByRole("button", { name: "Create dataset" }).click();
    await page.waitForURL(/datasets\/ds_/);
    await page.getByRole("button", { name: "Train a model" }).click({ timeout: 60_000 });
    await page.getByLabel("Measure on").selectOption({ label: "test.csv" });
    await page.getByRole("button", { name: "Start training" }).click();
    await page.waitForURL(/jobs\/ftjob-/);
    await page.getByText("The model is ready and answers.").waitFor({ timeout: LIMIT_MS });
    const id = new URL(page.url()).pathname.split("/").at(-1) ?? "";
    return String((await client.fineTuning.jobs.retrieve(id)).fine_tuned_model);
  } finally {
    await browser.close();
  }
}

async function throughClient(training: string, validation: string | null, suffix: string) {
  const upload = async (path: string) => {
    const file = await client.files.create({ file: createReadStream(path), purpose: "fine-tune" });
    return client.files.waitForProcessing(file.id, { pollInterval: 500, maxWait: LIMIT_MS });
  };
  const file = await upload(training);
  const other = validation ? await upload(validation) : null;
  let job = await client.fineTuning.jobs.create({
    model: "minilm-l6",
    training_file: file.id,
    suffix,
    ...(other ? { validation_file: other.id } : {}),
  });
  for (const end = Date.now() + LIMIT_MS; !["succeeded", "failed", "cancelled"].includes(job.status); ) {
    if (Date.now() > end) throw new Error(`${suffix} did not end`);
    await new Promise((done) => setTimeout(done, 1000));
    job = await client.fineTuning.jobs.retrieve(job.id);
  }
  if (job.status !== "succeeded") throw new Error(`${suffix}: ${JSON.stringify(job.error)}`);
  const rows = (file as unknown as { validation: FileFigures }).validation;
  return { model: String(job.fine_tuned_model), rows };
}

async function figuresOf(model: string): Promise<ModelFigures> {
  const { graft } = (await client.models.retrieve(model)) as unknown as { graft: ModelFigures };
  const { recipe, accuracy, floor_accuracy } = graft;
  return { recipe, accuracy, floor_accuracy };
}

const fileIn = (folder: string, name: RegExp) => {
  const found = readdirSync(join(data, folder)).find((file) => name.test(file));
  return join(data, folder, found ?? "");
};
const portal = await figuresOf(await bankingThroughPortal());
console.log("banking77 through the portal", portal);
const banking = await throughClient(fileIn("banking77", /^train/), fileIn("banking77", /^test/), "banking");
const bankingClient = { ...(await figuresOf(banking.model)), rows: banking.rows.rows };
console.log("banking77 through the client", bankingClient);
const sms = await throughClient(fileIn("sms_spam", /\.csv$/), null, "sms");
const smsFigures = { ...(await figuresOf(sms.model)), file: pick(sms.rows) };
console.log("sms_spam", smsFigures);
const zh = await throughClient(fileIn("zh_thucnews", /^dev/), null, "zh");
const zhFigures = { ...(await figuresOf(zh.model)), file: pick(zh.rows) };
console.log("zh_thucnews", zhFigures);

function pick({ rows, accepted, set_aside }: FileFigures) {
  return { rows, accepted, set_aside, addsUp: rows === accepted + set_aside };
}

const shown = (figures: ModelFigures) => `${(100 * figures.accuracy.value).toFixed(1)} % (${figures.recipe})`;
report(
  "endurance real-sets",
  {
    claim: "sets exactly as published, uploaded in a browser and by the `openai` client",
    measured: `Banking77 ${shown(portal)} by portal, ${shown(bankingClient)} by client; SMS ${shown(smsFigures)}, ${smsFigures.file.accepted} + ${smsFigures.file.set_aside} of ${smsFigures.file.rows} rows; THUCNews ${shown(zhFigures)}`,
    target: "Banking77 >= 92.5 %, SMS >= 97 % with all 5,572 rows, THUCNews by lexical",
  },
  {
    bankingThroughPortal: portal,
    bankingThroughClient: bankingClient,
    smsSpam: smsFigures,
    zhThucnews: zhFigures,
  },
);
