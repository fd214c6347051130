import { existsSync } from "node:fs";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test, vi } from "vitest";

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

async function hub(body: string) {
  const server = createServer((_request, response) => response.end(body));
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
