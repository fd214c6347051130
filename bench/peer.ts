import { execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, homedir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parse } from "csv-parse/sync";
import { embedTexts } from "../lib/ml/base/embeddings";
import { openEncoder } from "../lib/ml/base/encoder";
import { openBase } from "../lib/ml/base/forward";
import { openTokenizer } from "../lib/ml/base/tokenizer";
import { BASES, DEFAULT_BASE } from "../lib/ml/catalogue";
import type { BaseFiles, Run } from "../lib/ml/task";
import { renewReadme } from "./readme";

/** What benches share: a Python peer in an environment of its own, real data, one way to report. */
const cache = join(homedir(), ".cache", "graft");
export const baseDir = join(resolve(process.env.GRAFT_HOME ?? ".graft"), "bases", DEFAULT_BASE);
/** The base as a training is ordered with it. */
export const baseFiles: BaseFiles = {
  id: DEFAULT_BASE,
  dir: baseDir,
  sha256: BASES[DEFAULT_BASE].files["model.safetensors"],
};
export const hasBase = existsSync(join(baseDir, "model.onnx"));
export const dataDir = resolve(process.env.GRAFT_DATA_DIR ?? "../shared/data");
const PIP_LIMIT_MS = 600_000;

export function skip(name: string, why: string): never {
  console.log(`${name}: NOT RUN, ${why}`);
  process.exit(0);
}

/** The Python that has the packages, installed at the first call; null when pip cannot supply them. */
export function pythonWith(packages: string): string | null {
  const env = join(cache, "peers", packages.replaceAll(/[^a-z0-9]+/gi, "-"));
  const binary = join(env, "bin", "python");
  if (!existsSync(join(env, "ready"))) {
    console.log(`installing ${packages} for the peer...`);
    const made = spawnSync("python3", ["-m", "venv", env], { stdio: "ignore" });
    const pip = ["-m", "pip", "install", "-q", ...packages.split(" ")];
    if (made.status !== 0 || spawnSync(binary, pip, { stdio: "ignore", timeout: PIP_LIMIT_MS }).status !== 0)
      return null;
    writeFileSync(join(env, "ready"), "");
  }
  return binary;
}

/** Runs Python with the packages to its end, or null when pip cannot supply them. */
export function python(packages: string): ((args: readonly string[]) => string) | null {
  const binary = pythonWith(packages);
  if (!binary) return null;
  return (args) => execFileSync(binary, args, { encoding: "utf8", maxBuffer: 1e8 });
}

/** A Python that answers one line of JSON to each line of JSON, so that a peer can take turns with us. */
export function startPython(packages: string, args: readonly string[]) {
  const binary = pythonWith(packages);
  if (!binary) return null;
  const child = spawn(binary, args, { stdio: ["pipe", "pipe", "inherit"] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async ask(question: unknown): Promise<unknown> {
      child.stdin.write(`${JSON.stringify(question)}\n`);
      const { value, done } = await lines.next();
      if (done) throw new Error("the peer ended");
      return JSON.parse(String(value));
    },
    stop: () => child.kill(),
  };
}

const [startedAt, minutes] = [performance.now(), Number(process.env.GRAFT_BENCH_MINUTES ?? 60)];

/** Whether what takes so long is over in time. */
export const hasTime = (milliseconds: number) =>
  performance.now() - startedAt + milliseconds <= minutes * 60_000;

/** As many of the draws as there is time for, the first in any case; a quick run has that one alone. */
export function* draws<T>(all: readonly T[]): Generator<T> {
  let longest = 0;
  for (const [i, one] of all.entries()) {
    const started = performance.now();
    if (i > 0 && (!hasTime(longest) || process.env.GRAFT_BENCH_QUICK)) return;
    yield one;
    longest = Math.max(longest, performance.now() - started);
  }
}

/** Native TensorFlow.js, which tuning needs; skips loudly where it was not built. */
export async function openNative(name: string): Promise<void> {
  try {
    await import("@tensorflow/tfjs-node");
  } catch {
    skip(name, "native TensorFlow.js is not built; run node scripts/native.mjs");
  }
}

/** The base with gradients, on the backend that is open, and its tokenizer. */
export async function openTunable() {
  const tokenize = await openTokenizer(baseDir, BASES[DEFAULT_BASE].maxTokens);
  return { encoder: await openEncoder(baseDir), tokenize };
}

/** Folder of a published set; skips loudly when it is not there. */
export function dataFolder(name: string, set: string): string {
  const folder = join(dataDir, set);
  if (!existsSync(folder)) skip(name, `${folder} is not there`);
  return folder;
}

/** Embeddings of texts by the base, kept on disk by content; skips loudly when the base is not there. */
export async function embedOnDisk(name: string, texts: readonly string[]): Promise<Float32Array[]> {
  if (!hasBase) skip(name, "the base is not installed; npm start fetches it");
  const base = await openBase(baseDir, { threads: cpus().length });
  const embeddings = await embedTexts(texts, {
    cacheDir: join(cache, "bench"),
    readerSha256: baseFiles.sha256,
    adapter: null,
    hidden: BASES[DEFAULT_BASE].hidden,
    tokenize: await openTokenizer(baseDir, BASES[DEFAULT_BASE].maxTokens),
    base,
    signal: new AbortController().signal,
    onProgress: () => {},
  });
  await base.close();
  return embeddings;
}

/** Banking77 as published, embedded by the base; skips loudly where either is not there. */
export async function embedBanking(name: string) {
  const folder = dataFolder(name, "banking77");
  const read = (file: string) =>
    parse(readFileSync(join(folder, file)), { columns: true }) as { text: string; category: string }[];
  const [train, test] = [read("train.csv"), read("test.csv")];
  const names = [...new Set(train.map((row) => row.category))].sort();
  const embeddings = await embedOnDisk(
    name,
    [...train, ...test].map((row) => row.text),
  );
  const labelsOf = (rows: readonly { category: string }[]) =>
    Int32Array.from(rows, (row) => names.indexOf(row.category));
  return {
    train: { embeddings: embeddings.slice(0, train.length), labels: labelsOf(train) },
    test: { embeddings: embeddings.slice(train.length), labels: labelsOf(test) },
    texts: train.map((row) => row.text),
    classes: names.length,
    dir: join(cache, "bench", name),
  };
}

export const median = (list: readonly number[]) =>
  [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;

/** A share as a claim says it, to a tenth of a percent. */
export const percent = (share: number) => (100 * share).toFixed(1);

/** A run of the engine outside of a job: nobody watches and nobody stops it. */
export const lone = (dir: string): Run => ({
  dir,
  cacheDir: join(cache, "bench"),
  checkpointDir: join(dir, "checkpoints"),
  threads: cpus().length,
  signal: new AbortController().signal,
  stage: () => {},
  progress: () => {},
  log: () => {},
  provisional: () => {},
});

/** Growth of the resident memory over the last two thirds by the least-squares line, as a share of its mean. */
export function drift(samples: readonly number[]): number {
  const last = samples.slice(Math.floor(samples.length / 3));
  const mean = last.reduce((a, b) => a + b, 0) / last.length;
  const middle = (last.length - 1) / 2;
  const along = last.reduce((sum, y, x) => sum + (x - middle) * (y - mean), 0);
  const square = last.reduce((sum, _, x) => sum + (x - middle) ** 2, 0);
  return ((along / square) * (last.length - 1)) / mean;
}

export interface Claim {
  /** What is claimed and beside what, one sentence. */
  claim: string;
  /** The figures of this run as a person reads them; ratios count, seconds are of this machine. */
  measured: string;
  target: string;
}
/** Which code gives the figures; null where it is no checkout. */
export const commitHere = (): string | null =>
  spawnSync("git", ["rev-parse", "--short=12", "HEAD"], { encoding: "utf8" }).stdout?.trim() || null;

/**
 * Prints a claim with its figures, keeps both in bench/results/ and renews the README's table.
 * @param name suite and claim, as given to `npm run bench -- <suite> <claim>`.
 */
export function report(name: `${string} ${string}`, claim: Claim, figures: Record<string, unknown>): void {
  const machine = { cpus: cpus().length, model: cpus()[0]?.model ?? "", node: process.version };
  const command = `npm run bench -- ${name}`;
  const kept = { ...claim, command, commit: commitHere(), ...figures, machine };
  mkdirSync("bench/results", { recursive: true });
  writeFileSync(`bench/results/${name.replace(" ", "-")}.json`, `${JSON.stringify(kept, null, 2)}\n`);
  renewReadme();
  console.log(`${claim.claim}\n  measured: ${claim.measured}\n  target:   ${claim.target}`);
}
