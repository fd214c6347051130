import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { runChild } from "./children";
import type { TrainOrder } from "./messages";
import { SEEDS } from "./report-fixture";

const root = mkdtempSync(join(tmpdir(), "graft-children-"));
afterAll(() => rmSync(root, { recursive: true, force: true }));

/** The end of a training child that does what the seed says. */
function endOf(seed: number, silentMs?: number) {
  const folders = {
    dir: join(root, "run"),
    cacheDir: join(root, "cache"),
    checkpointDir: join(root, "kept"),
  };
  for (const folder of Object.values(folders)) mkdirSync(folder, { recursive: true });
  const order: TrainOrder = {
    kind: "train",
    task: "text-classification",
    order: {
      rowsPath: "",
      rowsSha256: "",
      validationRowsPath: null,
      splitPath: null,
      recipe: "lexical",
      base: null,
      seed,
      refit: true,
      budgetMinutes: 1,
    },
    run: { ...folders, threads: 1 },
  };
  return runChild("train-child", order, {
    threads: 1,
    signal: new AbortController().signal,
    entry: fileURLToPath(new URL("./fixture-child.ts", import.meta.url)),
    ...(silentMs ? { silentMs } : {}),
  });
}

test.each(["isKilled", "overflows"] as const)(
  "a child that %s ended for want of memory",
  async (how) => {
    expect(await endOf(SEEDS[how])).toMatchObject({ kind: "crashed", isOutOfMemory: true });
  },
  60_000,
);

test("a child that dies otherwise, or that we kill ourselves, did not", async () => {
  expect(await endOf(SEEDS.dies)).toEqual({ kind: "crashed", message: "exit 3" });
  expect(await endOf(SEEDS.hangs, 8000)).toEqual({ kind: "crashed", message: "the child went silent" });
}, 60_000);
