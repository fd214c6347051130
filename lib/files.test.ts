import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { eq } from "drizzle-orm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HEAD, PATCH, POST } from "@/app/api/uploads/[[...id]]/route";
import * as content from "@/app/v1/files/[id]/content/route";
import * as one from "@/app/v1/files/[id]/route";
import * as all from "@/app/v1/files/route";
import { closePools } from "@/db/index";
import { files, jobs } from "@/db/schema/work";
import { expiredFiles } from "@/db/system";
import { forTenant } from "@/db/tenant";
import { env } from "./env";
import { purgeFile } from "./files";
import { createJob } from "./jobs";
import { closeQueues } from "./queue";
import { actorOf } from "./session";
import { createTenant } from "./tenants";

process.env.GRAFT_MAX_UPLOAD_MB = "1";
type Made = Awaited<ReturnType<typeof createTenant>>;
let a: Made;
let b: Made;
beforeAll(async () => {
  a = await createTenant({ name: "Files A", email: "a@files.test" });
  b = await createTenant({ name: "Files B", email: "b@files.test" });
});
afterAll(async () => {
  await closeQueues();
  await closePools();
});

type Handler = (
  request: Request,
  context?: { params: Promise<Record<string, unknown>> },
) => Promise<Response>;
const url = (path: string) => `http://127.0.0.1:3000${path}`;
async function ask(handler: Handler, path: string, init: RequestInit & { as?: Made; id?: string } = {}) {
  const { as = a, id, ...rest } = init;
  const headers = new Headers(rest.headers);
  headers.set("authorization", `Bearer ${as.apiKey}`);
  const request = new Request(url(path), { ...rest, headers, duplex: "half" } as RequestInit);
  return handler(request, { params: Promise.resolve(id === undefined ? {} : { id }) });
}
type Body = Record<string, string> & { error: { code: string } };
const json = async (response: Response) => (await response.json()) as Body;
const codeOf = async (response: Response) => (await json(response)).error.code;

function formOf(bytes: BlobPart, fields: Record<string, string> = { purpose: "fine-tune" }, name = "t.csv") {
  const form = new FormData();
  // The file first: the fields that decide about it may come after it.
  form.set("file", new Blob([bytes]), name);
  for (const [key, value] of Object.entries(fields)) form.set(key, value);
  return form;
}
const send = (form: FormData, as = a) => ask(all.POST, "/v1/files", { method: "POST", body: form, as });
const CSV = `text,label\n${Array.from({ length: 40 }, (_, n) => `row ${n},${n % 2 ? "x" : "y"}`).join("\n")}\n`;

/** Every file below the home, and every row: what a refusal must not add to. */
async function everything() {
  const below = ["incoming", "storage"].flatMap((name) => {
    const dir = join(env().home, name);
    if (!existsSync(dir)) return [];
    return readdirSync(dir, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  });
  const rows = await forTenant(a.tenantId, (tx) => tx.select(files));
  return { blobs: below.length, rows: rows.length };
}

test("a file is stored whole, listed by pages, read back byte for byte, and deleted with its bytes", async () => {
  const made = await json(
    await send(
      formOf(
        CSV,
        { purpose: "fine-tune", "expires_after[anchor]": "created_at", "expires_after[seconds]": "3600" },
        "../../tick\u202ets.csv",
      ),
    ),
  );
  expect(made).toMatchObject({
    object: "file",
    bytes: CSV.length,
    filename: "tickts.csv",
    status: "uploaded",
  });
  expect(Number(made.expires_at) - Number(made.created_at)).toBe(3600);
  const second = await json(await send(formOf(CSV)));
  const page = await json(await ask(all.GET, "/v1/files?limit=1"));
  expect(page).toMatchObject({ data: [{ id: second.id }], has_more: true, last_id: second.id });
  const next = await json(await ask(all.GET, `/v1/files?limit=1&after=${second.id}`));
  expect(next).toMatchObject({ data: [{ id: made.id }], has_more: false });
  const download = await ask(content.GET, "/x", { id: made.id });
  expect(download.headers.get("content-disposition")).toMatch(/^attachment; filename="tickts\.csv"/);
  expect(download.headers.get("x-content-type-options")).toBe("nosniff");
  expect(await download.text()).toBe(CSV);
  for (const id of [made.id, second.id])
    expect(await json(await ask(one.DELETE, "/x", { id, method: "DELETE" }))).toEqual({
      id,
      object: "file",
      deleted: true,
    });
  expect((await ask(one.GET, "/x", { id: made.id })).status).toBe(404);
  expect(await everything()).toEqual({ blobs: 0, rows: 0 });
});

const bad: [string, FormData, number, string][] = [
  ["no bytes", formOf(""), 400, "file_empty"],
  ["a mark and blank lines", formOf("\ufeff\r\n\r\n  \n"), 400, "file_empty"],
  ["a picture", formOf(Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")), 400, "file_binary"],
  ["NUL bytes", formOf("text,label\na\0b,c\n"), 400, "file_binary"],
  ["an old Excel file", formOf(Buffer.from("d0cf11e0a1b11ae1", "hex")), 400, "file_binary"],
  ["more than the limit", formOf(new Uint8Array(1_200_000).fill(97)), 413, "file_too_large"],
  ["another purpose", formOf(CSV, { purpose: "user_data" }), 400, "purpose_invalid"],
  ["no purpose", formOf(CSV, {}), 400, "purpose_invalid"],
  [
    "too short a life",
    formOf(CSV, { purpose: "fine-tune", "expires_after[seconds]": "5" }),
    400,
    "invalid_request",
  ],
  [
    "another anchor",
    formOf(CSV, { purpose: "fine-tune", "expires_after[anchor]": "x" }),
    400,
    "invalid_request",
  ],
];
test.each(bad)("%s is refused with its code and leaves nothing", async (_what, form, status, code) => {
  const before = await everything();
  const answer = await send(form);
  expect([answer.status, await codeOf(answer)]).toEqual([status, code]);
  expect(await everything()).toEqual(before);
});

test("UTF-16 with its mark is text", async () => {
  const answer = await send(formOf(Buffer.from(`\ufeff${CSV}`, "utf16le")));
  expect(answer.status).toBe(200);
});

const half = (text: string, error?: Error) =>
  new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode(text));
      if (error) setTimeout(() => controller.error(error), 20);
      else controller.close();
    },
  });
const START = '--x\r\nContent-Disposition: form-data; name="file"; filename="t.csv"\r\n\r\ntext,label\n1,2\n';
test.each([
  ["ends in the middle of the file", half(START)],
  ["breaks off in the middle of the file", half(START, new Error("gone"))],
  [
    "has no file",
    half('--x\r\nContent-Disposition: form-data; name="purpose"\r\n\r\nfine-tune\r\n--x--\r\n'),
  ],
  ["is no form", half("hello")],
  ["is empty", half("")],
])("a form that %s is multipart_invalid and leaves nothing", async (_what, body) => {
  const before = await everything();
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  const answer = await ask(all.POST, "/v1/files", { method: "POST", body, headers });
  expect([answer.status, await codeOf(answer)]).toEqual([400, "multipart_invalid"]);
  expect(await everything()).toEqual(before);
});

test("of many forms that break off at once none leaves a file behind", async () => {
  const before = await everything();
  const headers = { "content-type": "multipart/form-data; boundary=x" };
  const sendHalf = () => ask(all.POST, "/v1/files", { method: "POST", body: half(START), headers });
  const answers = await Promise.all(Array.from({ length: 50 }, sendHalf));
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 400));
  expect(await everything()).toEqual(before);
});

test("a file that an open job uses stays until the job is over", async () => {
  const { id } = await json(await send(formOf(CSV)));
  const actor = await actorOf(new Request(url("/"), { headers: { authorization: `Bearer ${a.apiKey}` } }));
  const { job } = await createJob(actor, { model: "minilm-l6", training_file: String(id) });
  const refused = await ask(one.DELETE, "/x", { id, method: "DELETE" });
  expect([refused.status, refused.headers.get("x-should-retry"), await codeOf(refused)]).toEqual([
    409,
    "false",
    "state_conflict",
  ]);
  expect((await ask(one.GET, "/x", { id })).status).toBe(200);
  await forTenant(a.tenantId, (tx) => tx.update(jobs, { state: "failed" }, eq(jobs.id, job.id)));
  expect((await ask(one.DELETE, "/x", { id, method: "DELETE" })).status).toBe(200);
  expect((await ask(content.GET, "/x", { id })).status).toBe(404);
});

test("a file whose time is over is gone at once, and its bytes with the next sweep", async () => {
  const { id } = await json(await send(formOf(CSV)));
  await forTenant(a.tenantId, (tx) => tx.update(files, { expiresAt: new Date(0) }, eq(files.id, String(id))));
  expect((await ask(content.GET, "/x", { id: String(id) })).status).toBe(404);
  const before = await everything();
  const found = await expiredFiles();
  expect(found).toEqual([{ tenant_id: a.tenantId, id }]);
  for (const one of found) await purgeFile(one.tenant_id, one.id);
  expect(await everything()).toEqual({ blobs: before.blobs - 1, rows: before.rows - 1 });
});

const tus = (method: "HEAD" | "POST" | "PATCH", path: string, headers: object, body?: BodyInit, as = a) =>
  ask({ HEAD, PATCH, POST }[method], path, {
    method,
    headers: { "tus-resumable": "1.0.0", ...headers },
    as,
    ...(body === undefined ? {} : { body }),
  });
const b64 = (text: string) => Buffer.from(text).toString("base64");
async function open(size: number, purpose = "fine-tune") {
  const metadata = `filename ${b64("big.csv")},purpose ${b64(purpose)},fileId ${b64("file-chosen-by-others")}`;
  return tus("POST", "/api/uploads", { "upload-length": String(size), "upload-metadata": metadata });
}

test("a resumable upload goes on where it stopped and is one file however often its end is asked", async () => {
  const path = String((await open(CSV.length)).headers.get("location"));
  const type = { "content-type": "application/offset+octet-stream" };
  const first = await tus("PATCH", path, { ...type, "upload-offset": "0" }, CSV.slice(0, 100));
  expect(first.headers.get("upload-offset")).toBe("100");
  expect((await tus("HEAD", path, {})).headers.get("upload-offset")).toBe("100");
  const wrong = await tus("PATCH", path, { ...type, "upload-offset": "7" }, "x");
  expect(wrong.status).toBe(409);
  // Another tenant's upload is as unknown as one that never was.
  const foreign = await tus("HEAD", path, {}, undefined, b);
  const absent = await tus("HEAD", path.replace(/.{4}$/, "0000"), {});
  expect([foreign.status, await foreign.text()]).toEqual([absent.status, await absent.text()]);
  expect(foreign.status).toBe(404);
  const last = await tus("PATCH", path, { ...type, "upload-offset": "100" }, CSV.slice(100));
  const id = String(last.headers.get("graft-file-id"));
  expect(id).toMatch(/^file-/);
  expect(id).not.toBe("file-chosen-by-others");
  const again = await tus("HEAD", path, {});
  expect([again.headers.get("graft-file-id"), again.headers.get("upload-offset")]).toEqual([
    id,
    String(CSV.length),
  ]);
  expect(await (await ask(content.GET, "/x", { id })).text()).toBe(CSV);
  expect(await json(await ask(one.GET, "/x", { id }))).toMatchObject({
    filename: "big.csv",
    bytes: CSV.length,
  });
});

test("a resumable upload is held to the same rules", async () => {
  expect((await open(2_000_000)).status).toBe(413);
  const purpose = await open(10, "assistants");
  expect([purpose.status, await codeOf(purpose)]).toEqual([400, "purpose_invalid"]);
  const path = String((await open(3)).headers.get("location"));
  const headers = { "content-type": "application/offset+octet-stream", "upload-offset": "0" };
  const empty = await tus("PATCH", path, headers, "\n\n\n");
  expect([empty.status, await codeOf(empty)]).toEqual([400, "file_empty"]);
});
