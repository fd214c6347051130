import { fork } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { sha256 } from "@/lib/session";
import { fromChildSchema, type TrainOrder } from "./messages";

/** One tuning in training children of its own, the first ones of which are killed in the middle of their steps. */
interface Killed {
  /** Sha256 of the tuned weights. */
  weights: string;
  steps: number;
  /** The step after which each kill came, and the step that the attempt after it went on from. */
  kills: { at: number; wentOnFrom: number }[];
  /** Steps that were computed, by all attempts together. */
  computed: number;
}
const ENTRY = fileURLToPath(new URL("./fixture-tuner.ts", import.meta.url));
/** A kill comes this many steps after an attempt's beginning, and up to so long after that step's news. */
const AHEAD = 12;
const AFTER_MS = 15;

export async function tuneWithKills(kills: number, epochs: number, random: () => number): Promise<Killed> {
  const dir = mkdtempSync(join(tmpdir(), "graft-killed-"));
  const found: Killed = { weights: "", steps: 0, kills: [], computed: 0 };
  try {
    const order = orderIn(dir, epochs);
    while (!found.weights) {
      const isKilled = found.kills.length < kills;
      const ahead = isKilled ? 1 + Math.floor(random() * AHEAD) : Number.POSITIVE_INFINITY;
      const attempt = await oneAttempt(order, ahead, random() * AFTER_MS);
      const before = found.kills.at(-1);
      if (before) before.wentOnFrom = attempt.from;
      found.computed += attempt.last - attempt.from;
      found.steps = attempt.total;
      if (attempt.weights) found.weights = attempt.weights;
      else if (isKilled) found.kills.push({ at: attempt.last, wentOnFrom: 0 });
      else throw new Error(`the child ended without an answer: ${attempt.problem}`);
    }
    return found;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

function orderIn(dir: string, epochs: number): TrainOrder {
  const rows = Array.from({ length: 40 }, (_, n) => ({
    input: `please handle ${n % 2 ? "refund" : "parcel"} number ${n}`,
    target: n % 2 ? "x" : "y",
  }));
  const rowsPath = join(dir, "rows.ndjson");
  writeFileSync(rowsPath, rows.map((row, n) => `${JSON.stringify({ line: n + 2, ...row })}\n`).join(""));
  const folders = { dir: join(dir, "run"), cacheDir: join(dir, "cache"), checkpointDir: join(dir, "kept") };
  for (const folder of Object.values(folders)) mkdirSync(folder);
  return {
    kind: "train",
    task: "text-classification",
    order: {
      rowsPath,
      rowsSha256: sha256(rows.map((row) => `${JSON.stringify([row.input, row.target])}\n`).join("")),
      validationRowsPath: null,
      splitPath: null,
      recipe: "lexical",
      base: null,
      seed: 5,
      refit: true,
      budgetMinutes: epochs,
    },
    run: { ...folders, threads: 1 },
  };
}

/** Runs a child until its answer, or until it is killed `ahead` steps after the one that it began with. */
async function oneAttempt(order: TrainOrder, ahead: number, afterMs: number) {
  const child = fork(ENTRY, [], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "inherit", "ipc"],
  });
  const seen = { from: 0, last: 0, total: 0, weights: "", problem: "" };
  let begun = false;
  child.on("message", async (raw) => {
    const news = fromChildSchema.parse(raw);
    if (news.kind === "trained") seen.weights = news.report.hashes.artifact;
    if (news.kind === "refused" || news.kind === "crashed") seen.problem = news.message;
    if (news.kind !== "progress") return;
    if (!begun) seen.from = seen.last = news.done - 1;
    begun = true;
    Object.assign(seen, { last: news.done, total: news.total });
    if (news.done !== seen.from + ahead) return;
    await pause(afterMs);
    child.kill("SIGKILL");
  });
  child.send(order);
  await new Promise((done) => child.once("exit", done));
  return seen;
}
