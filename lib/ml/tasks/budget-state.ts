import { readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Run, TrainOrder } from "../task";
import { checkpointName, whyNotSaved, writeWhole } from "../train/checkpoint";

const stateSchema = z.object({
  spentSeconds: z.number().nonnegative(),
  /** By recipe, as soon as it is decided. */
  takesPart: z.record(z.string(), z.boolean()),
});
type State = z.infer<typeof stateSchema>;

/**
 * What the attempts of one job spent and decided. A later one goes on with it: after an interruption other recipes
 * would fit into a budget that began anew, and the job would end as another model. A file that cannot be read is none.
 */
export function openBudgetState(order: TrainOrder, run: Run) {
  const { rowsSha256, seed, budgetMinutes } = order;
  const name = checkpointName("budget", [rowsSha256, seed, budgetMinutes]);
  const path = join(run.checkpointDir, `${name}.json`);
  const { spentSeconds: before, takesPart } = readState(path);
  const startedAt = performance.now();
  const spentSeconds = () => before + (performance.now() - startedAt) / 1000;
  let hasFailed = false;
  const write = async () => {
    const state: State = { spentSeconds: spentSeconds(), takesPart };
    try {
      await writeWhole(path, [Buffer.from(JSON.stringify(state))]);
    } catch (error) {
      if (!hasFailed) run.log("warn", whyNotSaved(error as NodeJS.ErrnoException));
      hasFailed = true;
    }
  };
  let last = Promise.resolve();
  /** One after the other. */
  const save = () => {
    last = last.then(write);
    return last;
  };
  return {
    spentSeconds,
    save,
    /** Undefined before it is decided. */
    takesPart: (recipe: string): boolean | undefined => takesPart[recipe],
    decide(recipe: string, isTaken: boolean): Promise<void> {
      takesPart[recipe] = isTaken;
      return save();
    },
  };
}

function readState(path: string): State {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(path, "utf8")));
  } catch {
    return { spentSeconds: 0, takesPart: {} };
  }
}
