import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { cpus, homedir, tmpdir } from "node:os";
import { join } from "node:path";
import { openBackend } from "../lib/ml/backend";
import { contentHash, nestedOrder } from "../lib/ml/data/split";
import { wordsOf } from "../lib/ml/recipes/class-names";
import { full } from "../lib/ml/recipes/full";
import { head } from "../lib/ml/recipes/head";
import { lexical } from "../lib/ml/recipes/lexical";
import { lora } from "../lib/ml/recipes/lora";
import type { TextRecipe } from "../lib/ml/recipes/text-recipe";
import { wide } from "../lib/ml/recipes/wide";
import { decide } from "../lib/ml/report/metrics";
import type { TrainOrder } from "../lib/ml/task";
import { labelsOf, type Plan } from "../lib/ml/tasks/labels.rows";
import { embedRows, openTuning } from "../lib/ml/tasks/text-classification.based";
import { choose, isForeignScript } from "../lib/ml/tasks/text-classification.choose";
import { createComparison } from "../lib/ml/tasks/text-classification.comparison";
import { baseFiles, hasBase, lone, openNative, skip } from "./peer";
import type { LabelledRows } from "./sets";

/** A training as customers order it, except that every recipe is refitted and measured, not the chosen one alone. */
export interface Drawn {
  /** Row numbers to train on, and others to measure on. */
  train: readonly number[];
  test: readonly number[];
}

/** Cheapest first; `full` costs more than all others together. */
export const SHORT: readonly TextRecipe[] = [lexical, head, wide, lora];
export const ALL: readonly TextRecipe[] = [...SHORT, full];
/** No recipe is left out for its time here: a trial measures what each is worth. */
const NO_LIMIT_MINUTES = 1e6;

/** Skips loudly where there is no base or nothing that can tune it. */
export async function openTrials(name: string): Promise<void> {
  if (!hasBase) skip(name, "the base is not installed; npm start fetches it");
  await openNative(name);
  await openBackend({ threads: cpus().length });
}

/** At most so many rows of each class to train on; of the others at most so many to measure on, or the rows given. */
export function draw(
  { labels, names }: LabelledRows,
  shots: number,
  seed: number,
  { mostTest, from = [...labels.keys()] }: { mostTest: number; from?: readonly number[] },
): Drawn {
  const counts = names.map(() => 0);
  const order = nestedOrder(labels, from, seed);
  const train = order.filter((row) => {
    const label = labels[row] as number;
    counts[label] = (counts[label] ?? 0) + 1;
    return (counts[label] as number) <= shots;
  });
  const taught = new Set(train);
  return { train, test: order.filter((row) => !taught.has(row)).slice(0, mostTest) };
}

const git = (...args: string[]) => execFileSync("git", args, { encoding: "utf8" }).trim();
/** Tests and what they share: nothing that is measured goes by them. */
const TESTS = /\.(test|fixture)\.ts$/;
/** The rule by which a recipe is chosen: what a trial of all recipes measures does not go by it. */
export const CHOOSING = /choose/;
/** The engine's code as git knows it, as one hash; null where there are changes that it does not know. */
function engineCode(aside: RegExp | null): string | null {
  if (git("status", "--porcelain", "--", "lib/ml")) return null;
  const files = git("ls-tree", "-r", "HEAD", "lib/ml").split("\n");
  const used = files.filter((file) => !TESTS.test(file) && !aside?.test(file));
  return createHash("sha256").update(used.join("\n")).digest("hex").slice(0, 16);
}

/**
 * A trial takes minutes: it is kept on disk under the code that made it, so a bench that was broken off goes on.
 * @param aside files of the engine that the trial does not go by.
 */
export async function keptTrial<T>(
  name: string,
  trial: () => Promise<T>,
  aside: RegExp | null = null,
): Promise<T> {
  const code = engineCode(aside);
  if (!code) return trial();
  const kept = join(homedir(), ".cache", "graft", "bench", "trials", code);
  const path = join(kept, `${name}.json`);
  if (existsSync(path)) return JSON.parse(readFileSync(path, "utf8")) as T;
  const found = await trial();
  mkdirSync(kept, { recursive: true });
  writeFileSync(path, JSON.stringify(found));
  return found;
}

/** @returns percent right on the rows to measure on, by recipe, and what is known to who chooses one. */
export async function runTrial(
  recipes: readonly TextRecipe[],
  data: LabelledRows,
  drawn: Drawn,
  seed: number,
) {
  const used = [...drawn.train, ...drawn.test];
  const texts = used.map((row) => data.texts[row] ?? "");
  const labels = Int32Array.from(used, (row) => data.labels[row] as number);
  const train = drawn.train.map((_, i) => i);
  const plan: Plan = {
    rows: { lines: used, texts, labels, hashes: texts.map(contentHash) },
    names: data.names,
    train,
    test: drawn.test.map((_, i) => train.length + i),
    testHashes: [],
    taughtOnly: [],
    unknownLabels: 0,
  };
  const order: TrainOrder = {
    rowsPath: "",
    rowsSha256: "",
    validationRowsPath: null,
    splitPath: null,
    recipe: "auto",
    base: baseFiles,
    seed,
    refit: false,
    budgetMinutes: NO_LIMIT_MINUTES,
  };
  const run = lone(join(tmpdir(), "graft-bench-trial"));
  // A trial goes on from no other's checkpoints.
  rmSync(run.dir, { recursive: true, force: true });
  const names = data.names.map(wordsOf);
  const compared = createComparison(order, recipes, plan, run);
  const embeddings = await embedRows([...texts, ...names], baseFiles, run);
  const tuning = await openTuning([...texts, ...names], baseFiles, order, run);
  for (const recipe of recipes) await compared.add(recipe, { texts, names, embeddings, tuning });
  const right: Record<string, number> = {};
  for (const { recipe, prepared } of compared.candidates) {
    const options = { seed, signal: run.signal, onProgress: () => {} };
    const model = await prepared.fit(train, labelsOf(plan, train), names.length, options);
    const { predicted } = decide(prepared.logits(model, plan.test), names.length);
    const actual = labelsOf(plan, plan.test);
    const hits = predicted.filter((label, i) => label === actual[i]).length;
    right[recipe.id] = Number(((100 * hits) / actual.length).toFixed(2));
  }
  tuning.encoder.dispose();
  const settings = compared.candidates.find(({ recipe }) => recipe === lora)?.prepared.effective();
  const outOfFold = compared.candidates.map(({ recipe: { id }, isRight }) => ({
    id,
    isRight: isRight.map(Number),
  }));
  const isForeign = isForeignScript(texts);
  return { trained: train.length, tested: plan.test.length, right, settings, outOfFold, isForeign };
}

/** Which recipe `auto` takes, by the rows that taught alone; what it went by is not said again. */
export function withChoice({ outOfFold, isForeign, ...measured }: Awaited<ReturnType<typeof runTrial>>) {
  const candidates = outOfFold.flatMap(({ id, isRight }) =>
    ALL.filter((recipe) => recipe.id === id).map((recipe) => ({ recipe, isRight: isRight.map(Boolean) })),
  );
  return { ...measured, chosen: choose(candidates, isForeign).chosen.recipe.id };
}
