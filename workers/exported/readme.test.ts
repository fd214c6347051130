import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { TASKS } from "@/lib/ml/catalogue";
import type { Task } from "@/lib/ml/task";
import { inputNames } from "@/lib/tasks";
import { bundleExported } from "../../scripts/bundle.mjs";
import { exportedReadme } from "./readme";

const dir = mkdtempSync(join(tmpdir(), "graft-exported-"));
afterAll(() => rmSync(dir, { recursive: true }));

const LEAVING = (Object.values(TASKS) as Task[]).filter(({ leaves }) => leaves);
const FILES = ["model.onnx", "head.safetensors", "tokenizer.json", "settings.json", "labels.json"];

test("the README of every task that leaves asks its server for what the task reads, and names what lies there", () => {
  for (const task of LEAVING) {
    const of = { model: "ft:a:b:c:d", recipe: "head", maxTokens: 256 };
    const text = exportedReadme(task, { ...of, names: FILES });
    const body = JSON.parse(text.match(/-d '(.*)'/)?.[1] ?? "");
    expect(body.model).toBe(of.model);
    const [row] = body.input;
    expect(typeof row === "string" ? ["text"] : Object.keys(row)).toEqual(inputNames(task));
    const named = [...text.matchAll(/^\| (.*?) \|/gm)].flatMap(
      ([, cell]) => cell?.match(/[\w.]+\.\w+/g) ?? [],
    );
    expect(named.sort()).toEqual([...FILES, "MANIFEST.json"].sort());
    if (["spans", "text"].includes(task.view)) expect(text).toContain("`places` int64 [words]");
    else {
      // The published file cuts at 128 tokens and pads up to there; the model does neither.
      expect(text).toContain("enable_truncation(256)");
      expect(text).toContain("enable_padding()");
    }
    const words = exportedReadme(task, { ...of, maxTokens: null, names: ["hashes.u32"] });
    expect(words).toContain("ngram_ids");
    expect(words).not.toContain("tokenizer");
  }
});

test("the exported server needs the tokenizer and the runtime, and no other package", async () => {
  await bundleExported(resolve("."), dir);
  const source = readFileSync(join(dir, "server.mjs"), "utf8");
  const packages = [...source.matchAll(/^import .*?from "([^"]+)";$/gms)].map(([, name]) => name ?? "");
  const own = Object.keys(JSON.parse(readFileSync(join(dir, "package.json"), "utf8")).dependencies);
  expect(new Set(packages.filter((name) => !name.startsWith("node:")))).toEqual(new Set(own));
});
