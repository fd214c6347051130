import { readdirSync, readFileSync } from "node:fs";
import { type BrowserContext, expect, test } from "@playwright/test";
import { admin, api, createTenant, type MadeTenant, ready, signIn, trainSmall, until } from "./fixtures";

/**
 * Foreign equals absent: every route and page, asked by one tenant about another's ids, answers exactly what
 * it answers about ids that never existed. The walk reads the folder `app`, so a new route is in it at once.
 */
test.describe.configure({ mode: "serial" });

interface Ids {
  file: string;
  job: string;
  model: string;
  dataset: string;
  version: string;
  labelling: string;
  key: string;
  member: string;
  invitation: string;
}
const ABSENT: Ids = {
  file: "file-01j0000000000000000000000x",
  job: "ftjob-01j0000000000000000000000x",
  model: "ft:minilm-l6:nobody:none:01j0000000000000000000000x",
  dataset: "ds_01j0000000000000000000000x",
  version: "dsv_01j0000000000000000000000x",
  labelling: "lab_01j0000000000000000000000x",
  key: "key_01j0000000000000000000000x",
  member: "usr_01j0000000000000000000000x",
  invitation: "inv_01j0000000000000000000000x",
};

let ours: MadeTenant;
let theirs: MadeTenant;
let foreign: Ids;
let context: BrowserContext;

const filesNamed = (name: string) =>
  readdirSync("app", { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(`/${name}`))
    .map((path) => `app/${path}`)
    .sort();
const routeFiles = () => filesNamed("route.ts");
const pageFiles = () => filesNamed("page.tsx");

/** `app/(portal)/[tenant]/jobs/[id]/page.tsx` -> `/{tenant}/jobs/{id}`. */
const pathOf = (file: string) =>
  `/${file
    .split("/")
    .slice(1, -1)
    .filter((part) => !part.startsWith("("))
    .join("/")}`;
const methodsOf = (file: string) =>
  [
    ...readFileSync(file, "utf8").matchAll(/export (?:const|async function) (GET|POST|PUT|PATCH|DELETE)\b/g),
  ].map((match) => String(match[1]));
/** Bodies that carry a foreign id where the path has none. */
const bodies = (ids: Ids): Record<string, unknown> => ({
  "/v1/fine_tuning/jobs": { model: "minilm-l6", training_file: ids.file },
  "/v1/predictions": { model: ids.model, input: "hello" },
  "/v1/chat/completions": { model: ids.model, messages: [{ role: "user", content: "hello" }] },
  "/v1/embeddings": { model: ids.model, input: "hello" },
  "/api/models/[id]/corrections": { line: 2, label: "refund" },
  "/api/datasets": { file_id: ids.file, columns: { text: "text", label: "label" } },
  "/api/labelling": { file_id: ids.file, text_column: "text", classes: [{ name: "a" }, { name: "b" }] },
  "/api/labelling/[id]/answers": { place: 0, label: "refund" },
});
/** Which id a dynamic segment means, by the path before it. */
function fill(path: string, ids: Ids): string[] {
  const dynamic = path.match(/\[{1,2}[^\]]+\]{1,2}/g) ?? [];
  if (dynamic.length === 0) return [path];
  return Object.values(ids).map((id) =>
    dynamic.reduce((out, part) => out.replace(part, encodeURIComponent(id)), path),
  );
}
/** What must be equal: everything but the id that was asked for and the request's own id. */
const plain = (body: unknown, ids: Ids) =>
  Object.values(ids)
    .reduce(
      (text, id) => text.replaceAll(id, "ID").replaceAll(encodeURIComponent(id), "ID"),
      JSON.stringify(body),
    )
    .replaceAll(/req_[0-9a-z]+/g, "REQ");

test.beforeAll(async ({ browser }) => {
  [ours, theirs] = await Promise.all([createTenant("ours"), createTenant("theirs")]);
  const trained = await trainSmall(theirs.apiKey);
  context = await browser.newContext();
  const page = await context.newPage();
  await signIn(page, theirs.email, theirs.password);
  const asThem = async (path: string, method = "GET", data?: unknown) => {
    const response = await page.request.fetch(path, {
      method,
      data,
      headers: { "graft-tenant": theirs.slug, origin: ready().url },
    });
    return (await response.json()) as { data: Record<string, string>[] } & Record<string, string>;
  };
  const version = await until("the foreign dataset", async () => {
    const made = await asThem("/api/datasets", "POST", {
      file_id: trained.file,
      columns: { text: "text", label: "label" },
    });
    return made.id ? made : null;
  });
  const labelling = await asThem("/api/labelling", "POST", {
    file_id: trained.file,
    text_column: "text",
    classes: [{ name: "refund" }, { name: "login" }],
  });
  const invitation = await asThem("/api/invitations", "POST", { email: "guest@theirs.test", role: "viewer" });
  const keys = await asThem("/api/keys");
  foreign = {
    ...trained,
    dataset: String(version.dataset_id),
    version: String(version.id),
    labelling: String(labelling.id),
    key: String(keys.data[0]?.id),
    member: "usr_unknown",
    invitation: String(invitation.id),
  };
  await context.close();
  context = await browser.newContext();
  await signIn(await context.newPage(), ours.email, ours.password);
});
test.afterAll(() => context?.close());

test("every API route answers a foreign id as it answers an absent one", async () => {
  const differences: string[] = [];
  let asked = 0;
  for (const file of routeFiles().filter((name) => !name.includes("/auth/"))) {
    const path = pathOf(file);
    const sets = [foreign, ABSENT].map((ids) =>
      fill(path, ids).map((url) => ({ url, body: bodies(ids)[path], ids })),
    );
    const [left = [], right = []] = sets;
    if (!path.includes("[") && bodies(foreign)[path] === undefined) continue;
    for (const method of methodsOf(file)) {
      for (const [i, one] of left.entries()) {
        const other = right[i];
        if (!other) continue;
        const hasBody = method !== "GET" && method !== "DELETE";
        const send = (target: typeof one) =>
          api(target.url, { key: ours.apiKey, method, ...(hasBody ? { body: target.body ?? {} } : {}) });
        const [a, b] = [await send(one), await send(other)];
        asked += 1;
        if (a.status !== b.status || plain(a.body, foreign) !== plain(b.body, ABSENT))
          differences.push(
            `${method} ${one.url}: ${a.status} ${plain(a.body, foreign)} / ${b.status} ${plain(b.body, ABSENT)}`,
          );
        if (a.status < 400 && path.includes("["))
          differences.push(`${method} ${one.url} answered ${a.status} to a stranger`);
      }
    }
  }
  expect(asked).toBeGreaterThan(40);
  expect(differences).toEqual([]);
});

test("a session cannot act in a tenant it does not belong to", async () => {
  const differences: string[] = [];
  for (const file of routeFiles().filter((name) => !name.includes("/auth/"))) {
    const path = pathOf(file);
    for (const method of methodsOf(file)) {
      const ask = async (url: string, tenant: string) => {
        const response = await context.request.fetch(url, {
          method,
          headers: { "graft-tenant": tenant, origin: ready().url, "content-type": "application/json" },
          ...(method === "GET" || method === "DELETE" ? {} : { data: bodies(foreign)[path] ?? {} }),
        });
        return `${response.status()} ${plain(await response.text(), foreign)}`;
      };
      await Promise.all(
        fill(path, foreign).map(async (url) => {
          const [a, b] = await Promise.all([ask(url, theirs.slug), ask(url, "no-such-tenant")]);
          if (a !== b) differences.push(`${method} ${url}: ${a} / ${b}`);
        }),
      );
    }
  }
  expect(differences).toEqual([]);
});

test("every page of a foreign tenant, and every page of a foreign id, is a page that does not exist", async () => {
  const seen: string[] = [];
  const expectAbsent = async (url: string) => {
    const response = await context.request.get(url, { maxRedirects: 0 });
    seen.push(url);
    expect(response.status(), url).toBe(404);
    expect(await response.text(), url).not.toContain("guest@theirs.test");
  };
  for (const file of pageFiles().filter((name) => name.includes("[tenant]"))) {
    const path = pathOf(file);
    const own = path.replace("[tenant]", ours.slug);
    await Promise.all(
      [
        ...fill(path.replace("[tenant]", theirs.slug), foreign),
        path.replace("[tenant]", "no-such-tenant").replaceAll(/\[\w+\]/g, ABSENT.model),
        ...(own.includes("[") ? fill(own, foreign) : []),
      ].map(expectAbsent),
    );
  }
  expect(seen.length).toBeGreaterThan(40);
});

test("staff see assigned customers only, and no customer page at all", async ({ browser }) => {
  const staff = await admin<{ email: string; password: string }>(
    ...[
      "staff",
      "create",
      "--role",
      "account_manager",
      "--email",
      `am@${ours.slug}.test`,
      "--assign",
      ours.slug,
    ],
  );
  const session = await browser.newContext();
  const page = await session.newPage();
  await signIn(page, staff.email, staff.password);
  await page.goto("/desk");
  await expect(page.getByText(ours.slug, { exact: false }).first()).toBeVisible();
  await expect(page.getByText(theirs.slug, { exact: false })).toHaveCount(0);
  for (const slug of [ours.slug, theirs.slug]) {
    for (const path of ["", "/datasets", "/models", "/settings"])
      expect((await page.goto(`/${slug}${path}`))?.status(), `/${slug}${path}`).toBe(404);
  }
  expect((await page.goto("/operations"))?.status()).toBe(404);
  await session.close();
  const stranger = await context.newPage();
  expect((await stranger.goto("/desk"))?.status()).toBe(404);
  await stranger.close();
});
