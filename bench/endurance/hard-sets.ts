import { existsSync } from "node:fs";
import { join } from "node:path";
import { TrainingError } from "../../lib/ml/task";
import { HARD_INPUTS, HARD_SETS } from "../../lib/ml/tasks/hard-sets.fixture";
import { answer, tokenizersOf, trainingFolder } from "../../lib/ml/tasks/order.fixture";
import type { LabelOutput } from "../../lib/ml/tasks/text-classification";
import { taskOf } from "../../lib/tasks";
import { baseFiles, hasBase, openNative, report, skip } from "../peer";

/**
 * Rows that customers really send, ordered with `auto` and with the base tuned: each ends in a model that answers hard
 * questions in numbers, or in an error that has a code. Run: `npm run bench -- endurance hard-sets`.
 */
const NAME = "hard-sets";
/** A quick order: what counts is how it ends. */
const MINUTES = 3;
/** All labels of every set, so that their probabilities add up. */
const MOST_LABELS = 1000;

if (!hasBase) skip(NAME, "the base is not installed; npm start fetches it");
await openNative(NAME);
const folder = trainingFolder();
process.once("exit", folder.remove);
const engine = await taskOf("text-classification").engine();

/** What is wrong with the answers of a model; null where nothing is. */
function wrongIn(answers: readonly LabelOutput[]): string | null {
  if (answers.length !== HARD_INPUTS.length) return `${answers.length} answers`;
  for (const { labels } of answers) {
    const sum = labels.reduce((total, { probability }) => total + probability, 0);
    if (!(Math.abs(sum - 1) < 1e-3)) return `probabilities add up to ${sum}`;
  }
  return null;
}

interface Ended {
  set: string;
  ordered: string;
  /** A recipe that answers, or the code of an error. */
  ended: string;
  wrong: string | null;
  seconds: number;
}
async function order(set: string, recipe: string): Promise<Ended> {
  const started = performance.now();
  const seconds = () => Math.round((performance.now() - started) / 1000);
  const run = folder.run();
  const ended = { set, ordered: recipe };
  try {
    const rows = HARD_SETS[set] ?? [];
    const asked = folder.order(rows, { recipe, base: baseFiles, budgetMinutes: MINUTES });
    const { report: found, artifactDir } = await engine.train(asked, run);
    const model = await engine.open(artifactDir, tokenizersOf(baseFiles));
    const answers = await answer(model, HARD_INPUTS, baseFiles, { topK: MOST_LABELS, nearest: 0 });
    return { ...ended, ended: found.recipe, wrong: wrongIn(answers as LabelOutput[]), seconds: seconds() };
  } catch (error) {
    if (!(error instanceof TrainingError)) throw error;
    const wrong = existsSync(join(run.dir, "artifact", "manifest.json")) ? "a model was left behind" : null;
    return { ...ended, ended: error.code, wrong, seconds: seconds() };
  }
}

const all: Ended[] = [];
for (const set of Object.keys(HARD_SETS))
  for (const recipe of ["auto", "lora"]) {
    const one = await order(set, recipe);
    console.log(JSON.stringify(one));
    all.push(one);
  }
const wrong = all.filter((one) => one.wrong !== null);
report(
  `endurance ${NAME}`,
  {
    claim: `${Object.keys(HARD_SETS).length} sets that are hard (${Object.keys(HARD_SETS).join(", ")}), each ordered with \`auto\` and with \`lora\`: a model that answers hard questions in numbers, or an error with its code`,
    measured: `${all.length - wrong.length} of ${all.length} end so`,
    target: "all",
  },
  { all },
);
if (wrong.length > 0) process.exitCode = 1;
