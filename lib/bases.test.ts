import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";
import { writeSmallBert, writeSmallTokenizer } from "./ml/base/small-bert.fixture";

afterEach(() => {
  vi.unstubAllEnvs();
  vi.resetModules();
});

/** Fresh modules, since the environment is read once. */
async function bases(settings: Record<string, string>) {
  const cache = await mkdtemp(join(tmpdir(), "graft-bases-"));
  const own = { XDG_CACHE_HOME: cache, GRAFT_BASE_DIR: join(cache, "home"), PATH: "/nowhere", ...settings };
  for (const [name, value] of Object.entries(own)) vi.stubEnv(name, value);
  vi.resetModules();
  return { ...(await import("./bases")), cache };
}

/** Answers what is asked for by name, or the same to everybody. */
async function hub(files: string | Record<string, Buffer>) {
  const server = createServer((request, response) =>
    response.end(typeof files === "string" ? files : files[basename(request.url ?? "")]),
  );
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}

test("a file that is not the published one is refused, and nothing of it stays", async () => {
  const { url, close } = await hub("not the weights");
  const { ensureBase, installedBase, cache } = await bases({ HF_ENDPOINT: url });
  await expect(ensureBase("minilm-l6")).rejects.toThrow(/not the published one \(sha256\)/);
  close();
  expect(await installedBase("minilm-l6")).toBeNull();
  expect(existsSync(join(cache, "graft", "bases", "minilm-l6"))).toBe(false);
  expect(existsSync(join(cache, "home", "minilm-l6"))).toBe(false);
});

test("a base that cannot be had names every source that was tried and the command that adds it", async () => {
  const { ensureBase } = await bases({ HF_ENDPOINT: "http://127.0.0.1:9" });
  const refusal = await ensureBase("minilm-l6").catch((error: Error) => error.message);
  expect(refusal).toContain("Hugging Face hub");
  expect(refusal).toContain("there is no python3");
  expect(refusal).toContain("npm run admin -- base add minilm-l6");
});

test("a base folder with a file missing does not count as installed", async () => {
  const { installedBase, cache } = await bases({});
  const dir = join(cache, "home", "minilm-l6");
  await mkdir(dir, { recursive: true });
  await writeFile(join(dir, "base.json"), "{}");
  expect(await installedBase("minilm-l6")).toBeNull();
});

const SMALL = "small-bert";
/** A small base of random weights that is published on a hub of our own, and made ready here. */
async function smallBase() {
  const published = await mkdtemp(join(tmpdir(), "graft-published-"));
  await writeSmallBert(published);
  writeSmallTokenizer(published);
  const files: Record<string, Buffer> = {};
  for (const name of await readdir(published)) files[name] = await readFile(join(published, name));
  const { url, close } = await hub(files);
  const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
  const entry = {
    ...{ id: SMALL, title: SMALL, hub: SMALL },
    files: Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, sha256(bytes)])),
  };
  const cache = await mkdtemp(join(tmpdir(), "graft-bases-"));
  const settings = { HF_ENDPOINT: url, XDG_CACHE_HOME: cache, GRAFT_BASE_DIR: join(cache, "home") };
  /** What a process that begins now finds. */
  const anew = async () => {
    const modules = await bases(settings);
    Object.assign((await import("./ml/catalogue")).BASES, { [SMALL]: entry });
    return modules;
  };
  const { ensureBase, installedBase } = await anew();
  const { dir } = await ensureBase(SMALL);
  return { installedBase, ensureBase, anew, close, dir, cache };
}
/** Another bit in the middle of a file, as a failing disk leaves it: no time of the file tells. */
async function flip(path: string): Promise<void> {
  const { atime, mtime } = await stat(path);
  const bytes = await readFile(path);
  const at = bytes.length >> 1;
  bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
  await writeFile(path, bytes);
  await utimes(path, atime, mtime);
}

const WRITTEN = ["model.onnx", "model.int8.onnx", "model.lora.onnx", "model.full.int8.onnx"];
test.each(["model.safetensors", "tokenizer.json", "config.json", ...WRITTEN])(
  "a base with a changed byte in %s is refused with what mends it, and made anew by that",
  async (name) => {
    const { dir, anew, installedBase, ensureBase, close } = await smallBase();
    expect(await installedBase(SMALL)).toMatchObject({ dir });
    await flip(join(dir, name));
    const refusal = { code: "base_damaged", message: expect.stringContaining(`base add ${SMALL}`) };
    const process2 = await anew();
    await expect(process2.installedBase(SMALL)).rejects.toMatchObject(refusal);
    await expect(process2.installedBase(SMALL)).rejects.toThrow(name);
    const said: string[] = [];
    await process2.ensureBase(SMALL, (line) => said.push(line));
    expect(said[0]).toContain(name);
    expect(await process2.installedBase(SMALL)).toMatchObject({ dir });
    // Who looked before the damage sees the new files, too.
    expect(await ensureBase(SMALL)).toMatchObject({ dir });
    close();
  },
);

test("a base whose graph is missing or cut is damaged, not absent", async () => {
  const { dir, installedBase, close } = await smallBase();
  close();
  const graph = join(dir, "model.full.onnx");
  const bytes = await readFile(graph);
  await writeFile(graph, bytes.subarray(0, bytes.length - 5));
  await expect(installedBase(SMALL)).rejects.toMatchObject({ code: "base_damaged" });
  await rm(graph);
  await expect(installedBase(SMALL)).rejects.toMatchObject({ code: "base_damaged" });
});

test("a base from before its graphs had hashes is written again from the files that lie there", async () => {
  const { dir, cache, anew, close } = await smallBase();
  close();
  const note = join(dir, "base.json");
  const { graphs: _, ...old } = JSON.parse(await readFile(note, "utf8"));
  await writeFile(note, JSON.stringify(old));
  await rm(join(cache, "graft"), { recursive: true });
  const process2 = await anew();
  expect(await process2.installedBase(SMALL)).toBeNull();
  await process2.ensureBase(SMALL);
  expect(await process2.installedBase(SMALL)).toMatchObject({ dir });
  await flip(join(dir, "model.onnx"));
  await expect((await anew()).installedBase(SMALL)).rejects.toMatchObject({ code: "base_damaged" });
});
