import { generator } from "../../lib/ml/linear/svm";
import { tuneWithKills } from "../../workers/killed-tuning.fixture";
import { report } from "../peer";

/**
 * A tuning whose child is killed with SIGKILL twenty times in a row, beside the same tuning left alone.
 * Run: `npm run bench -- endurance kill-resume`.
 */
const KILLS = 20;
const EPOCHS = 100;
const SEED = 20;

const whole = await tuneWithKills(0, EPOCHS, Math.random);
const killed = await tuneWithKills(KILLS, EPOCHS, generator(SEED));
const isSame = killed.weights === whole.weights;
const again = killed.computed - whole.computed;
const furthestBack = Math.max(...killed.kills.map(({ at, wentOnFrom }) => at - wentOnFrom));

report(
  "endurance kill-resume",
  {
    claim: `a tuning killed ${KILLS} times in a row (SIGKILL at random steps) ends with the weights of one left alone`,
    measured: `${isSame ? "the same" : "ANOTHER"} sha256 after ${killed.kills.length} kills in ${killed.steps} steps; ${again} steps (${((100 * again) / whole.steps).toFixed(1)} %) computed again, at most ${furthestBack} a kill`,
    target: "the same sha256; a checkpoint every 5 steps is where it goes on",
  },
  { weights: { killed: killed.weights, whole: whole.weights }, steps: killed.steps, kills: killed.kills },
);
if (!isSame) process.exitCode = 1;
