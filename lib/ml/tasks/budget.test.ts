import { readdirSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Recipe, TrainOrder } from "../task";
import { createBudget } from "./budget";
import { trainingFolder } from "./order.fixture";

const folder = trainingFolder();
afterAll(folder.remove);
beforeEach(() => void vi.useFakeTimers({ toFake: ["performance"] }));
afterEach(() => void vi.useRealTimers());

const taking = (id: string, minutes: number): Recipe => ({
  id,
  needs: { base: false, tuning: false },
  estimate: () => ({ seconds: minutes * 60, bytes: 0 }),
});
const [floor, wide, lora] = [taking("lexical", 1), taking("wide", 10), taking("lora", 30)];
const pass = (minutes: number) => vi.advanceTimersByTime(minutes * 60_000);

/** One job of 45 minutes: each call is an attempt, in a process of its own as far as the budget knows. */
function jobOf(more: Partial<TrainOrder> = {}) {
  const order = folder.order([{ input: "a", target: "b" }], { recipe: "auto", budgetMinutes: 45, ...more });
  const run = folder.run();
  const secondsOf = (recipe: Recipe) => recipe.estimate({ rows: 1, classes: 2, meanTokens: 1 }).seconds;
  const begin = (also: Partial<TrainOrder> = {}) =>
    createBudget({ ...order, ...also }, run, floor, secondsOf);
  const statePath = () => join(run.checkpointDir, readdirSync(run.checkpointDir)[0] ?? "none");
  return { begin, statePath, run };
}
type Budget = ReturnType<ReturnType<typeof jobOf>["begin"]>;
/** Compares a recipe as a training does, which takes so long. */
async function compare(budget: Budget, recipe: Recipe, minutes: number): Promise<boolean> {
  if (!budget.fits(recipe)) {
    await budget.leaveOut(recipe);
    return false;
  }
  pass(minutes);
  await budget.orLeftOut(recipe, Promise.resolve(true));
  return true;
}

test("a recipe that was left out in one attempt is left out in the next, where it would have had the time", async () => {
  const { begin } = jobOf();
  const first = begin();
  expect([await compare(first, wide, 20), await compare(first, lora, 0)]).toEqual([true, false]);
  const second = begin();
  expect([await compare(second, wide, 0), await compare(second, lora, 0)]).toEqual([true, false]);
  expect(second.leftOut).toEqual(first.leftOut);
});

test("what was taken stays taken, however much of the budget the attempt before spent on it", async () => {
  const { begin } = jobOf();
  expect(await compare(begin(), lora, 40)).toBe(true);
  expect(begin().fits(lora)).toBe(true);
});

test("seconds of earlier attempts count, so that all attempts together have one budget", async () => {
  const { begin } = jobOf();
  await compare(begin(), floor, 10);
  const second = begin();
  expect(second.fits(lora)).toBe(true);
  await compare(second, floor, 10);
  const third = begin();
  expect([third.fits(lora), third.fits(wide)]).toEqual([false, true]);
  pass(20);
  expect(third.fits(wide)).toBe(false);
  expect([third.fits(floor), third.fitsWhole(lora)]).toEqual([true, true]);
});

test("a state that is damaged, cut or of another order is ignored", async () => {
  const { begin, statePath, run } = jobOf();
  const leave = async () => {
    const budget = begin();
    pass(20);
    await budget.leaveOut(lora);
  };
  await leave();
  expect(begin().fits(lora)).toBe(false);
  expect(begin({ budgetMinutes: 90 }).fits(lora)).toBe(true);
  for (const damaged of [
    "",
    "{",
    '{"spentSeconds":-9,"takesPart":{}}',
    '{"spentSeconds":9,"takesPart":[1]}',
    "null",
  ]) {
    writeFileSync(statePath(), damaged);
    expect(begin().fits(lora)).toBe(true);
  }
  await leave();
  truncateSync(statePath(), 10);
  expect(begin().fits(lora)).toBe(true);
  expect(readdirSync(run.checkpointDir)).toHaveLength(1);
});

test("a recipe that was asked for by name is trained whatever was spent, and nothing is kept of it", async () => {
  const { begin, run } = jobOf({ recipe: "lora", budgetMinutes: 1 });
  expect(await compare(begin(), lora, 90)).toBe(true);
  expect(begin().fits(lora)).toBe(true);
  expect(readdirSync(run.checkpointDir)).toEqual([]);
});
