import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { programOf } from "../start/dependencies.mjs";
import { run } from "../start/run.mjs";
import { say } from "../start/steps.mjs";

const CHECKS = [
  {
    name: "format and lint",
    tool: "@biomejs/biome",
    bin: "biome",
    args: ["ci", "."],
    fix: "npx biome check --write .",
  },
  {
    name: "types",
    tool: "typescript",
    bin: "tsc",
    args: ["--noEmit", "-p", "."],
    fix: "npx tsc --noEmit -p .",
  },
  { name: "dead code", tool: "knip", bin: "knip", args: [], fix: "npx knip" },
];

export async function runChecks(root) {
  ensureNextTypes(root);
  const results = [];
  for (const { name, tool, bin, args, fix } of CHECKS) {
    const startedAt = Date.now();
    const { code, output } = await run(process.execPath, [programOf(root, tool, bin), ...args], {
      cwd: root,
    });
    const seconds = (Date.now() - startedAt) / 1000;
    say(`${code === 0 ? "ok  " : "FAIL"} ${name} (${seconds.toFixed(1)} s)`);
    if (code !== 0) say(`${output}\nSee or fix it with: ${fix}`);
    results.push({ name, passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0, seconds });
  }
  return results;
}

/** Next writes this file when it builds, and it then names a build folder that may be gone since. */
function ensureNextTypes(root) {
  const path = join(root, "next-env.d.ts");
  const text = existsSync(path) ? readFileSync(path, "utf8") : "";
  const imports = [...text.matchAll(/^import "(.+)";$/gm)].map((match) => match[1]);
  if (text !== "" && imports.every((name) => existsSync(join(root, name)))) return;
  writeFileSync(path, '/// <reference types="next" />\n/// <reference types="next/image-types/global" />\n');
}
