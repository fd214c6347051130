import { execFile } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { promisify } from "node:util";
import { type Browser, expect, type Page } from "@playwright/test";

/** What `npm start` wrote for tools; the journeys run against that stack and nothing else. */
export interface Ready {
  url: string;
  tenant: string;
  email: string;
  password: string;
  apiKey: string;
  model: string;
  tester: { email: string; password: string };
  staff: { email: string; password: string };
}

const home = resolve(process.env.GRAFT_HOME ?? ".graft");

export function ready(): Ready {
  const path = join(home, "ready.json");
  if (!existsSync(path)) throw new Error(`${path} is missing: the journeys need a running npm start`);
  return JSON.parse(readFileSync(path, "utf8")) as Ready;
}

/** Runs the operator's command and parses what it prints. */
export async function admin<R>(...args: string[]): Promise<R> {
  const { stdout } = await promisify(execFile)("node", ["scripts/admin.mjs", ...args, "--json"], {
    env: { ...process.env, GRAFT_HOME: home },
  });
  return JSON.parse(stdout) as R;
}

export interface MadeTenant {
  tenantId: string;
  slug: string;
  email: string;
  password: string;
  apiKey: string;
}

let made = 0;
/** A word that no earlier run on this home has used. */
export const unique = (word: string) => `${word}-${Date.now().toString(36)}${(made++).toString(36)}`;

export function createTenant(word: string): Promise<MadeTenant> {
  const name = unique(word);
  return admin<MadeTenant>("tenant", "create", "--name", name, "--email", `owner@${name}.test`);
}

/** Calls the API as a client would; returns status and parsed body. */
export async function api(
  path: string,
  options: {
    key?: string;
    method?: string;
    body?: unknown;
    form?: FormData;
    headers?: Record<string, string>;
  } = {},
): Promise<{ status: number; body: Record<string, unknown> & { id?: string }; headers: Headers }> {
  const response = await fetch(new URL(path, ready().url), {
    method: options.method ?? (options.body === undefined && !options.form ? "GET" : "POST"),
    headers: {
      ...(options.key ? { authorization: `Bearer ${options.key}` } : {}),
      ...(options.body === undefined ? {} : { "content-type": "application/json" }),
      ...options.headers,
    },
    body: options.form ?? (options.body === undefined ? undefined : JSON.stringify(options.body)),
  });
  const text = await response.text();
  let body: Record<string, unknown> = {};
  try {
    body = JSON.parse(text) as Record<string, unknown>;
  } catch {
    body = { text };
  }
  return { status: response.status, body, headers: response.headers };
}

/** Asks again until the answer holds; the tests never sleep for a guessed time. */
export async function until<R>(what: string, ask: () => Promise<R | null>, limitMs = 90_000): Promise<R> {
  const end = Date.now() + limitMs;
  for (;;) {
    const found = await ask();
    if (found !== null) return found;
    if (Date.now() > end) throw new Error(`${what} did not happen within ${limitMs / 1000} s`);
    await new Promise((done) => setTimeout(done, 250));
  }
}

export async function uploadFile(key: string, name: string, text: string | Buffer): Promise<string> {
  const form = new FormData();
  form.set("purpose", "fine-tune");
  form.set("file", new Blob([new Uint8Array(Buffer.from(text))]), name);
  const { status, body } = await api("/v1/files", { key, form });
  if (status !== 200) throw new Error(`upload of ${name}: ${status} ${JSON.stringify(body)}`);
  return String(body.id);
}

/** A small trained model through the public API: its file, job and name. */
export const trainSmall = (key: string, recipe?: string) => trainFile(key, "tickets.csv", smallCsv(), recipe);

export async function trainFile(
  key: string,
  name: string,
  text: string,
  recipe = "lexical",
  hyperparameters: object = {},
) {
  const file = await uploadFile(key, name, text);
  const created = await api("/v1/fine_tuning/jobs", {
    key,
    body: { model: "minilm-l6", training_file: file, suffix: "small", graft: { recipe }, hyperparameters },
  });
  if (created.status !== 200) throw new Error(JSON.stringify(created.body));
  const job = String(created.body.id);
  const model = await until(
    `training of ${job}`,
    async () => {
      const { body } = await api(`/v1/fine_tuning/jobs/${job}`, { key });
      if (body.status === "failed" || body.status === "cancelled")
        throw new Error(JSON.stringify(body.error));
      return body.status === "succeeded" ? String(body.fine_tuned_model) : null;
    },
    300_000,
  );
  return { file, job, model };
}

/** Three classes, forty rows each, plain enough that any recipe learns them. */
export function smallRows(): { text: string; label: string }[] {
  const parts: Record<string, [string[], string[]]> = {
    refund: [
      ["please refund", "i want my money back for", "return the payment of", "reimburse me for"],
      ["the broken kettle", "order 1182", "a double charge", "the late parcel", "my subscription"],
    ],
    login: [
      ["i cannot sign in to", "the password is refused by", "two factor fails on", "locked out of"],
      ["my account", "the customer portal", "the mobile app", "the admin console", "single sign on"],
    ],
    delivery: [
      ["where is", "the courier lost", "when will you ship", "track"],
      ["my package", "the sofa", "the second box", "the replacement screen", "our pallet"],
    ],
  };
  const rows: { text: string; label: string }[] = [];
  for (const [label, [starts, ends]] of Object.entries(parts))
    for (const start of starts)
      for (const end of ends)
        for (const tail of ["", " today please"]) rows.push({ text: `${start} ${end}${tail}`, label });
  return rows;
}

export const smallCsv = () =>
  `text,label\n${smallRows()
    .map((row) => `${row.text},${row.label}`)
    .join("\n")}\n`;

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.goto("/sign-in");
  await page.getByLabel("Email").fill(email);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}

/** Serious and critical findings of axe-core on the page as it stands. */
export async function expectAccessible(page: Page): Promise<void> {
  await page.addScriptTag({ path: "node_modules/axe-core/axe.min.js" }).catch(async () => {
    // A content security policy forbids injected tags; evaluating is allowed.
    await page.evaluate(readFileSync("node_modules/axe-core/axe.min.js", "utf8"));
  });
  const found = await page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: { run(): Promise<{ violations: { id: string; impact: string; nodes: { html: string }[] }[] }> };
    };
    const { violations } = await axe.run();
    return violations
      .filter((violation) => violation.impact === "serious" || violation.impact === "critical")
      .map((violation) => `${violation.id}: ${violation.nodes.map((node) => node.html).join(" | ")}`);
  });
  expect(found, `axe on ${page.url()}`).toEqual([]);
}

/** Collects what pages complain about from now on. */
export function complaintsOf(...pages: Page[]): string[] {
  const found: string[] = [];
  for (const page of pages) {
    page.on("pageerror", (error) => found.push(error.message));
    page.on("console", (message) => message.type() === "error" && found.push(message.text()));
  }
  return found;
}

/** Nothing wider than the page, no figure that is none, no message without its words. */
export async function expectWhole(page: Page): Promise<void> {
  const overflow = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
  expect(overflow, `overflow of ${page.url()}`).toBeLessThanOrEqual(0);
  const text = await page.locator("main").textContent();
  expect(text).not.toMatch(
    /NaN|Infinity|undefined|\[object|(insight|portal|kit|settings|operations)\.[a-z]\w*/,
  );
}

/** The newest one-time link for an address in the development outbox. */
export async function linkFor(page: Page, address: string): Promise<string> {
  await page.goto("/outbox");
  const mail = page.getByRole("article").filter({ hasText: address }).first();
  const link = await mail.getByRole("link").first().getAttribute("href");
  if (!link) throw new Error(`no link for ${address}`);
  return link;
}

const folder = mkdtempSync(join(tmpdir(), "graft-e2e-"));
/** A file for the operator's command. */
export function jsonFile(name: string, content: unknown): string {
  const path = join(folder, `${name}.json`);
  writeFileSync(path, JSON.stringify(content));
  return path;
}

/** Calls of a month that is over, by the product's own code told another time. */
export async function playCalls(slug: string, month: string): Promise<void> {
  const { env } = JSON.parse(readFileSync(join(home, "env.json"), "utf8")) as { env: Record<string, string> };
  await promisify(execFile)("node", ["--import", "tsx", "e2e/played-calls.ts", slug, month], {
    env: { ...process.env, ...env, GRAFT_HOME: home, LOG_LEVEL: "fatal" },
  });
}

/** Who sells, for `seller set`. */
export const SELLER = {
  name: "Graft Test GmbH",
  address: { lines: ["Lange Strasse 1"], postcode: "10115", city: "Berlin" },
  country: "DE",
  taxId: "DE123456789",
  iban: "DE02120300000000202051",
  email: "billing@graft.test",
  timeZone: "Europe/Berlin",
  taxRates: { standard: 1900 },
  termsVersion: "2026-01",
};

export interface Trained {
  id: string;
  model: string;
  task: string;
  recipe: string;
}

export async function trainedOf(key: string, model: string): Promise<Trained> {
  const { body } = await api(`/v1/models/${encodeURIComponent(model)}`, { key });
  return { ...(body.graft as Omit<Trained, "model">), model };
}

export const card = (page: Page, title: string) =>
  page.locator("main section").filter({ has: page.getByRole("heading", { name: title, exact: true }) });

/** One sign-in, seen wide and light in English, and on a phone in the dark in Chinese. */
export async function pagesOf(browser: Browser, tenant: MadeTenant) {
  const wide = await browser.newContext({ viewport: { width: 1440, height: 900 }, colorScheme: "light" });
  const page = await wide.newPage();
  await signIn(page, tenant.email, tenant.password);
  const phone = await browser.newContext({
    viewport: { width: 390, height: 844 },
    colorScheme: "dark",
    locale: "zh-CN",
    storageState: await wide.storageState(),
  });
  const small = await phone.newPage();
  return { page, small };
}
