import { crc32, deflateRawSync } from "node:zlib";
import { expect, test } from "@playwright/test";
import {
  api,
  createTenant,
  type MadeTenant,
  ready,
  smallCsv,
  smallRows,
  until,
  uploadFile,
} from "./fixtures";

/** Each messy input gets its code and a sentence; what was stored before is still there afterwards. */
let tenant: MadeTenant;
test.beforeAll(async () => {
  tenant = await createTenant("messy");
});

async function send(name: string, bytes: Buffer | string, purpose = "fine-tune") {
  const form = new FormData();
  form.set("purpose", purpose);
  form.set("file", new Blob([new Uint8Array(Buffer.from(bytes))]), name);
  return api("/v1/files", { key: tenant.apiKey, form });
}
const codeOf = (answer: { body: Record<string, unknown> }) =>
  (answer.body.error as { code: string } | undefined)?.code;

/** The code that a file ends with: at upload, or after it was read. */
async function fate(name: string, bytes: Buffer | string): Promise<string> {
  const answer = await send(name, bytes);
  if (answer.status !== 200) return String(codeOf(answer));
  const file = await until(`check of ${name}`, async () => {
    const { body } = await api(`/v1/files/${answer.body.id}`, { key: tenant.apiKey });
    return body.status === "uploaded" ? null : body;
  });
  if (file.status === "processed") return "processed";
  const order = await api("/v1/fine_tuning/jobs", {
    key: tenant.apiKey,
    body: { model: "minilm-l6", training_file: answer.body.id },
  });
  expect(order.status, `a job on ${name}`).toBe(400);
  expect(order.body.error).toMatchObject({ code: "invalid_training_file", param: "training_file" });
  const problems = (file.validation as { problems: { kind: string; hint: string }[] } | null)?.problems ?? [];
  return problems.find((problem) => problem.hint.length > 10)?.kind ?? "no problem named";
}

/** A zip with one stored or deflated member; enough to lie about. */
function zip(members: { name: string; bytes: Buffer }[]): Buffer {
  const parts: Buffer[] = [];
  const central: Buffer[] = [];
  let offset = 0;
  for (const { name, bytes } of members) {
    const packed = deflateRawSync(bytes, { level: 9 });
    const title = Buffer.from(name);
    const fixed = Buffer.alloc(26);
    fixed.writeUInt16LE(20, 0);
    fixed.writeUInt16LE(8, 4);
    fixed.writeUInt32LE(crc32(bytes), 10);
    fixed.writeUInt32LE(packed.length, 14);
    fixed.writeUInt32LE(bytes.length, 18);
    fixed.writeUInt16LE(title.length, 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004"), fixed, title, packed]);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(offset, 10);
    central.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\0"), fixed, tail, title]));
    parts.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(central);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(members.length, 4);
  end.writeUInt16LE(members.length, 6);
  end.writeUInt32LE(directory.length, 8);
  end.writeUInt32LE(offset, 12);
  return Buffer.concat([...parts, directory, Buffer.from("PK\u0005\u0006"), end]);
}
const one = smallRows().filter((row) => row.label === "refund");
const cases: [string, string, () => Buffer | string, string][] = [
  ["an empty file", "empty.csv", () => "", "file_empty"],
  ["a file of blank lines", "blank.csv", () => "\n\n\n", "file_empty"],
  ["a header and no rows", "header.csv", () => "text,label\n", "header_missing"],
  ["two rows", "two.csv", () => "text,label\nhello,a\nbye,b\n", "rows_too_few"],
  [
    "one class only",
    "one.csv",
    () => `text,label\n${one.map((r) => `${r.text},refund`).join("\n")}\n`,
    "one_class",
  ],
  [
    "a label column all different",
    "distinct.csv",
    () =>
      `text,label\n${smallRows()
        .map((r, i) => `${r.text},answer number ${i} of many`)
        .join("\n")}\n`,
    "labels_all_distinct",
  ],
  [
    "a duplicate header",
    "twice.csv",
    () => smallCsv().replace("text,label", "text,text"),
    "header_duplicate",
  ],
  [
    "a binary file",
    "picture.csv",
    () => Buffer.from([0x89, 0x50, 0x4e, 0x47, 0, 0, 0, 13, 0, 1, 2, 3]),
    "file_binary",
  ],
  [
    "a zip that climbs out of its folder",
    "a.zip",
    () => zip([{ name: "../../x.csv", bytes: Buffer.from(smallCsv()) }]),
    "archive_unsafe",
  ],
  [
    "a zip bomb",
    "b.zip",
    () => zip([{ name: "x.csv", bytes: Buffer.alloc(200_000_000, "a") }]),
    "archive_unsafe",
  ],
  [
    "a zip of two files",
    "c.zip",
    () => zip(["x.csv", "y.csv"].map((name) => ({ name, bytes: Buffer.from(smallCsv()) }))),
    "archive_many_files",
  ],
  [
    "a zip of one good file",
    "d.zip",
    () => zip([{ name: "x.csv", bytes: Buffer.from(smallCsv()) }]),
    "processed",
  ],
];
for (const [what, name, make, code] of cases)
  test(`${what} is ${code}`, async () => {
    const bytes = make();
    // Making a large file takes so long that the server ends idle connections: hear of it before one is used again.
    await new Promise((done) => setImmediate(done));
    expect(await fate(name, bytes)).toBe(code);
  });

test("requests that are wrong get their own code and a sentence", async () => {
  const key = tenant.apiKey;
  expect(codeOf(await send("x.csv", smallCsv(), "assistants"))).toBe("purpose_invalid");
  expect(
    codeOf(
      await api("/v1/fine_tuning/jobs", {
        key,
        method: "POST",
        headers: { "content-type": "application/json" },
      }),
    ),
  ).toBe("invalid_request");
  const file = await uploadFile(key, "good.csv", smallCsv());
  await until("the check", async () =>
    (await api(`/v1/files/${file}`, { key })).body.status === "processed" ? true : null,
  );
  const order = (body: object) =>
    api("/v1/fine_tuning/jobs", { key, body: { model: "minilm-l6", training_file: file, ...body } });
  expect(codeOf(await order({ graft: { columns: { text: "text", label: "no such" } } }))).toBe(
    "column_unknown",
  );
  expect(codeOf(await order({ model: "gpt-9" }))).toBe("model_not_found");
  expect(codeOf(await order({ graft: { recipe: "magic" } }))).toMatch(/recipe_unsupported|invalid_request/);
  expect(
    codeOf(await api("/v1/predictions", { key, body: { model: "ft:minilm-l6:x:y:z", input: "hi" } })),
  ).toBe("model_not_found");
  expect(
    codeOf(await api("/v1/predictions", { key: "gk_not-a-key", body: { model: "x", input: "hi" } })),
  ).toBe("invalid_api_key");
  const malformed = await fetch(new URL("/v1/predictions", ready().url), {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: "{ not json",
  });
  expect(malformed.status).toBe(400);
  expect(((await malformed.json()) as { error: { code: string } }).error.code).toBe("json_invalid");
  const long = await api("/v1/predictions", { key, body: { model: "x", input: "y".repeat(20_000_000) } });
  expect([long.status, codeOf(long)]).toEqual([413, "body_too_large"]);
  const form = await api("/v1/files", {
    key,
    method: "POST",
    headers: { "content-type": "multipart/form-data; boundary=x" },
  });
  expect(codeOf(form)).toBe("multipart_invalid");
  // Nothing of this touched what was stored.
  expect((await api(`/v1/files/${file}`, { key })).body.status).toBe("processed");
});
