import { expect, test } from "vitest";
import { generator } from "@/lib/ml/linear/svm";
import { tuneWithKills } from "./killed-tuning.fixture";

test("a training child that is killed again and again ends with the weights of one that was not", async () => {
  const EPOCHS = 20;
  const [whole, killed] = await Promise.all([
    tuneWithKills(0, EPOCHS, Math.random),
    tuneWithKills(3, EPOCHS, generator(11)),
  ]);
  expect(killed.kills).toHaveLength(3);
  expect(killed.weights).toBe(whole.weights);
  // Never further back than the last checkpoint, and not from the beginning each time.
  for (const { at, wentOnFrom } of killed.kills) expect(at - wentOnFrom).toBeLessThan(10);
  expect(killed.kills.at(-1)?.wentOnFrom).toBeGreaterThan(0);
  expect([whole.steps, whole.computed]).toEqual([60, 60]);
});
