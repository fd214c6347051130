import { createHash, randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import OpenAI, { toFile } from "openai";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { uploads } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { tidy } from "@/workers/dispatch";
import { openDoor } from "@/workers/serve-fixtures";
import { unique } from "./people.fixture";
import { closeQueues } from "./queue";
import { createTenant } from "./tenants";

/** Large files in parts, as OpenAI's client sends them. */
let door: Awaited<ReturnType<typeof openDoor>>;
let made: Awaited<ReturnType<typeof createTenant>>;
let openai: OpenAI;
beforeAll(async () => {
  door = await openDoor();
});
beforeEach(async () => {
  made = await createTenant({ name: unique("Parts"), email: `${unique("parts")}@acme.test` });
  openai = new OpenAI({ apiKey: made.apiKey, baseURL: `${door.url}/v1`, maxRetries: 0 });
});
afterAll(async () => {
  door.close();
  await Promise.all([closeQueues(), closePools()]);
});

const text = Buffer.from(
  `text,label\n${Array.from({ length: 400 }, (_, n) => `row ${n} ü,a${n % 2}`).join("\n")}\n`,
);
const begin = (bytes = text.length) =>
  openai.uploads.create({ filename: "big.csv", purpose: "fine-tune", bytes, mime_type: "text/csv" });
const part = async (id: string, data: Buffer) =>
  openai.uploads.parts.create(id, { data: await toFile(data, "part") });

test("parts sent at the same time, in any order, become one file of the very bytes; completing again is the same file", async () => {
  const upload = await begin();
  expect(upload).toMatchObject({ object: "upload", status: "pending", bytes: text.length });
  // Cut in the middle of a character.
  const cut = text.indexOf("ü") + 1;
  const [second, first] = await Promise.all([
    part(upload.id, text.subarray(cut)),
    part(upload.id, text.subarray(0, cut)),
  ]);
  const md5 = createHash("md5").update(text).digest("hex");
  const order = { part_ids: [first.id, second.id], md5 };
  const done = await openai.uploads.complete(upload.id, order);
  expect(done).toMatchObject({
    status: "completed",
    file: { object: "file", filename: "big.csv", bytes: text.length },
  });
  const content = await openai.files.content(String(done.file?.id));
  expect(Buffer.from(await content.arrayBuffer()).equals(text)).toBe(true);
  expect((await openai.uploads.complete(upload.id, order)).file?.id).toBe(done.file?.id);
});

test("what does not fit together is refused by its name, and the upload goes on", async () => {
  const upload = await begin();
  const whole = await part(upload.id, text);
  const half = await part(upload.id, text.subarray(0, 10));
  const complete = (body: Parameters<typeof openai.uploads.complete>[1]) =>
    openai.uploads.complete(upload.id, body);
  await expect(complete({ part_ids: [half.id] })).rejects.toMatchObject({ status: 400, param: "bytes" });
  await expect(complete({ part_ids: ["part_none"] })).rejects.toMatchObject({
    status: 400,
    param: "part_ids",
  });
  await expect(complete({ part_ids: [half.id, half.id] })).rejects.toMatchObject({ param: "part_ids" });
  await expect(complete({ part_ids: [whole.id], md5: "0".repeat(32) })).rejects.toMatchObject({
    param: "md5",
  });
  expect(await complete({ part_ids: [whole.id] })).toMatchObject({ status: "completed" });
  await expect(part(upload.id, text)).rejects.toMatchObject({ status: 409 });
  await expect(begin(10 ** 12)).rejects.toMatchObject({ status: 413 });
  const other = { filename: "x", purpose: "assistants" as const, bytes: 3, mime_type: "text/plain" };
  await expect(openai.uploads.create(other)).rejects.toMatchObject({ code: "purpose_invalid" });
  const binary = await begin(64);
  const bytes = await part(binary.id, Buffer.concat([Buffer.from("89504e47", "hex"), randomBytes(60)]));
  await expect(openai.uploads.complete(binary.id, { part_ids: [bytes.id] })).rejects.toMatchObject({
    code: "file_binary",
  });
});

test("a cancelled upload and one that nobody completes leave nothing", async () => {
  const upload = await begin();
  await part(upload.id, text);
  expect(await openai.uploads.cancel(upload.id)).toMatchObject({ status: "cancelled" });
  await expect(openai.uploads.cancel(upload.id)).rejects.toMatchObject({ status: 409 });
  const left = await begin();
  await part(left.id, text);
  await forTenant(made.tenantId, (tx) =>
    tx.query(sql`update uploads set expires_at = now() - interval '1 second' where id = ${left.id}`),
  );
  await tidy();
  const states = await forTenant(made.tenantId, (tx) => tx.select(uploads));
  expect(states.map(({ state }) => state).sort()).toEqual(["cancelled", "expired"]);
});

test("another organisation's upload is one that never was", async () => {
  const upload = await begin();
  const stranger = await createTenant({ name: unique("Stranger"), email: `${unique("stranger")}@acme.test` });
  const theirs = new OpenAI({ apiKey: stranger.apiKey, baseURL: `${door.url}/v1`, maxRetries: 0 });
  const data = await toFile(text, "part");
  await expect(theirs.uploads.parts.create(upload.id, { data })).rejects.toMatchObject({ status: 404 });
  await expect(theirs.uploads.cancel(upload.id)).rejects.toMatchObject({ status: 404 });
});
