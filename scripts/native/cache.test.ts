import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { isComplete, keep, place } from "./cache.mjs";

const root = () => mkdtempSync(join(tmpdir(), "graft-native-"));
const BINDING = "lib/napi-v8/tfjs_binding.node";
const LIBRARY = "deps/lib/libtensorflow_cc.so.2";

/** What a build leaves, small. */
async function build(part: string, text = "whole"): Promise<void> {
  for (const name of [BINDING, LIBRARY]) {
    mkdirSync(join(part, name, ".."), { recursive: true });
    writeFileSync(join(part, name), text);
  }
}

test("a cache whose file is missing or cut short is not used, and is made again", async () => {
  const folder = join(root(), "cpu");
  expect(isComplete(folder)).toBe(false);
  await keep(folder, build);
  expect(isComplete(folder)).toBe(true);
  truncateSync(join(folder, LIBRARY), 2);
  expect(isComplete(folder)).toBe(false);
  await keep(folder, build);
  expect(readFileSync(join(folder, LIBRARY), "utf8")).toBe("whole");
});

test("a build that fails half-way leaves nothing behind", async () => {
  const home = root();
  const half = async (part: string) => {
    await build(part);
    throw new Error("the disk is full");
  };
  await expect(keep(join(home, "cpu"), half)).rejects.toThrow("the disk is full");
  expect(readdirSync(home)).toEqual([]);
});

test("of two that finish the second uses what the first one kept", async () => {
  const folder = join(root(), "cpu");
  await keep(folder, async (part: string) => {
    await build(part, "second");
    // The other start was quicker: same folder, another process id.
    await build(folder, "first");
    const sizes = Object.fromEntries([BINDING, LIBRARY].map((name) => [name, 5]));
    writeFileSync(join(folder, "native.json"), JSON.stringify({ files: sizes }));
  });
  expect(readFileSync(join(folder, BINDING), "utf8")).toBe("first");
});

test("placing twice gives the package one whole copy and no leftovers", async () => {
  const home = root();
  const [folder, target] = [join(home, "cpu"), join(home, "package")];
  await keep(folder, build);
  place(folder, target);
  place(folder, target);
  expect(readFileSync(join(target, BINDING), "utf8")).toBe("whole");
  expect(readdirSync(join(target, "lib", "napi-v8"))).toEqual(["tfjs_binding.node"]);
  expect(existsSync(join(target, "native.json"))).toBe(false);
});
