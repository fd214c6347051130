import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { cp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { fileURLToPath } from "node:url";
import { TASKS } from "@/lib/ml/catalogue";
import type { ExportedSettings } from "@/lib/ml/portable/text-folder";
import { type Task, TrainingError } from "@/lib/ml/task";
import { filesOf, zipFolder } from "@/lib/zip-folder";
import { serveWorker } from "./child-side";
import { exportedReadme } from "./exported/readme";

/** A trained model as a zip that answers by itself: the engine's files, and the server around them. */
serveWorker("export", async ({ task: taskId, order, texts, zipPath }) => {
  const task = (TASKS as Record<string, Task>)[taskId];
  if (!task) throw new TrainingError("task_unsupported", `There is no task ${taskId}.`, "model");
  const { dir } = order;
  await addServer(dir);
  if (!order.base) await rm(join(dir, "licences"), { recursive: true });
  for (const [name, text] of Object.entries(texts)) await writeFile(join(dir, name), text);
  const { exportTo } = await task.engine();
  if (!exportTo) throw new TrainingError("task_unsupported", `Models of ${taskId} do not leave.`, "model");
  await exportTo(order);
  await writeReadme(dir, task);
  await writeManifest(dir);
  await zipFolder(dir, zipPath);
  return { kind: "exported" };
});

/** Beside the bundle it lies ready; in development it is made from its source. */
async function addServer(dir: string): Promise<void> {
  const own = fileURLToPath(import.meta.url);
  if (extname(own) !== ".ts") return cp(join(own, "..", "exported"), dir, { recursive: true });
  const bundler = new URL("../scripts/bundle.mjs", import.meta.url);
  const { bundleExported } = (await import(bundler.href)) as typeof import("../scripts/bundle.mjs");
  await bundleExported(join(own, "..", ".."), dir);
}

async function writeReadme(dir: string, task: Task): Promise<void> {
  const { model, recipe, tuned, base } = JSON.parse(
    await readFile(join(dir, "model.json"), "utf8"),
  ) as ExportedSettings;
  const names = await readdir(dir);
  const text = exportedReadme(task, {
    ...{ model, recipe, names },
    maxTokens: base?.max_tokens ?? null,
    isWhole: tuned === "whole",
  });
  await writeFile(join(dir, "README.md"), text);
}

async function writeManifest(dir: string): Promise<void> {
  const files: Record<string, { sha256: string; bytes: number }> = {};
  for (const name of await filesOf(dir)) {
    const hash = createHash("sha256");
    let bytes = 0;
    await pipeline(createReadStream(join(dir, name)), async (source) => {
      for await (const chunk of source) {
        hash.update(chunk);
        bytes += chunk.length;
      }
    });
    files[name] = { sha256: hash.digest("hex"), bytes };
  }
  await writeFile(join(dir, "MANIFEST.json"), `${JSON.stringify({ files }, null, 2)}\n`);
}
