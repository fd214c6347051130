import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Readings, strengthsOf } from "../../lib/ml/contract";
import { hashRows } from "../../lib/ml/data/frozen-rows";
import { nestedOrder } from "../../lib/ml/data/split";
import { figuresOf } from "../../lib/ml/evaluation";
import { taskOf } from "../../lib/tasks";
import { baseFiles, commitHere, hasBase, hasTime, lone, openNative, report, skip } from "../peer";
import { emotionRows, entityRows, pairRows, questionRows } from "../sets";
import { keptTrial } from "../trial";

/**
 * Whether `auto` orders the best recipe where answers are no single label (`engine tuned` has those): each set is
 * trained as a customer orders it, once with `auto` and once with every recipe that it did not choose, all measured on
 * the same rows. Run: `npm run bench -- engine auto`.
 */
const NAME = "auto";
/** A fit with gradients through the base takes minutes for every thousand rows. */
const MOST_ROWS = 2000;
/** Texts of entities are short, and few of their words are any. */
const MOST_ENTITY_ROWS = 4000;
const SEED = 1;
/** Points within which two recipes count as equally good. */
const MOST_BELOW = 0.5;

interface Example {
  input: unknown;
  target: unknown;
}
/** Rows to train on, and the published rows to measure on; without them the training parts some off itself. */
interface TaskSet {
  set: string;
  task: string;
  train: Example[];
  test: Example[] | null;
}

if (!hasBase) skip(NAME, "the base is not installed; npm start fetches it");
await openNative(NAME);
const pairs = (part: "train" | "test") =>
  pairRows(NAME, part).map(({ texts: [text, text_b], score }) => ({
    input: { text, text_b },
    target: score,
  }));
const emotions = (file: "train.tsv" | "test.tsv") =>
  emotionRows(NAME, file, Number.POSITIVE_INFINITY).map(({ text, labels }) => ({
    input: text,
    target: labels.map(String),
  }));
/** Published rows lie by their source, so some of them are drawn, not the first ones taken. */
const drawn = (rows: Example[], most = MOST_ROWS) =>
  nestedOrder(new Int32Array(rows.length), [...rows.keys()], SEED)
    .slice(0, most)
    .flatMap((row) => rows[row] ?? []);
const entities = async (file: Parameters<typeof entityRows>[1]) =>
  (await entityRows(NAME, file)).map(({ text, spans }) => ({ input: text, target: spans }));
const sets: TaskSet[] = [
  { set: "STS-B", task: "text-similarity", train: drawn(pairs("train")), test: pairs("test") },
  {
    set: "GoEmotions",
    task: "text-multi-label",
    train: drawn(emotions("train.tsv")),
    test: drawn(emotions("test.tsv")),
  },
  {
    set: "WNUT17",
    task: "text-entities",
    train: drawn(await entities("wnut17train.conll"), MOST_ENTITY_ROWS),
    test: await entities("emerging.test.annotated"),
  },
  { set: "XQuAD", task: "text-answers", train: questionRows(NAME), test: null },
];

const pointsOf = (value: number) => Number((100 * value).toFixed(1));
/** The share of an adapter that was chosen, and the points of each out of fold. */
const toldOf = (tried: Readings["tried"]) => ({
  strength: tried.find(({ chosen }) => chosen)?.strength,
  outOfFold: Object.fromEntries(tried.map(({ strength, value }) => [String(strength), pointsOf(value)])),
});

/** One training as it is ordered; the figure is that of the rows to measure on. */
async function train({ task, train, test }: TaskSet, recipe: string) {
  const dir = mkdtempSync(join(tmpdir(), "graft-bench-auto-"));
  const run = lone(dir);
  mkdirSync(run.checkpointDir);
  const rowsFile = (name: string, rows: readonly Example[]) => {
    const path = join(dir, name);
    writeFileSync(path, rows.map((row, line) => JSON.stringify({ line, ...row })).join("\n"));
    return path;
  };
  const engine = await taskOf(task).engine();
  const { report: found } = await engine.train(
    {
      rowsPath: rowsFile("rows.ndjson", train),
      rowsSha256: hashRows(train.map((row) => ({ line: 0, ...row }))),
      validationRowsPath: test && rowsFile("test.ndjson", test),
      splitPath: null,
      recipe,
      base: baseFiles,
      seed: SEED,
      refit: false,
      // No recipe is left out for its time here.
      budgetMinutes: 1e6,
    },
    run,
  );
  rmSync(dir, { recursive: true });
  const [figure] = figuresOf(found.evaluation);
  if (!figure) throw new Error("nothing was measured");
  const [metric, { value }] = figure;
  return {
    ...{ recipe: found.recipe, metric, points: pointsOf(value) },
    strengths: strengthsOf(found)?.tried ?? [],
  };
}

interface Trial {
  set: string;
  metric: string;
  chosen: string;
  points: Record<string, number>;
  adapter: ReturnType<typeof toldOf>;
  /** Of the code that it was trained by: a trial is kept as long as the engine is the same. */
  commit: string | null;
}
const trials: Trial[] = [];
let longest = 0;
for (const one of sets) {
  if (!hasTime(longest)) continue;
  const started = performance.now();
  const trial = await keptTrial(`auto-${one.set}-${one.train.length}-${SEED}`, async () => {
    const auto = await train(one, "auto");
    const points: Record<string, number> = {};
    let { strengths } = auto;
    for (const recipe of taskOf(one.task).recipes) {
      const found = recipe === auto.recipe ? auto : await train(one, recipe);
      points[recipe] = found.points;
      if (found.strengths.length > 0) strengths = found.strengths;
    }
    const { metric, recipe: chosen } = auto;
    return { set: one.set, metric, chosen, points, adapter: toldOf(strengths), commit: commitHere() };
  });
  longest = Math.max(longest, performance.now() - started);
  console.log(JSON.stringify(trial));
  trials.push(trial);
}
const below = ({ chosen, points }: (typeof trials)[number]) =>
  Math.max(...Object.values(points)) - (points[chosen] ?? 0);
report(
  `engine ${NAME}`,
  {
    claim: `what \`auto\` chooses where answers are no single label, points on rows that took no part, beside the best recipe ordered by name (${trials.map(({ set, metric }) => `${set}: ${metric}`).join(", ")})`,
    measured: trials
      .map(
        (trial) =>
          `${trial.set} ${trial.chosen} ${trial.points[trial.chosen]}, best ${Math.max(...Object.values(trial.points))}, adapter at ${trial.adapter.strength}`,
      )
      .join("; "),
    target: `at most ${MOST_BELOW} points below the best`,
  },
  { trials, below: trials.map(below), isMet: trials.every((trial) => below(trial) <= MOST_BELOW) },
);
