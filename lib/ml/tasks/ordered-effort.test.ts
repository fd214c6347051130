import { afterAll, expect, test } from "vitest";
import type { Hyperparameters } from "../contract";
import { loraAnswerer } from "../recipes/answer-lora";
import { full } from "../recipes/full";
import { lora } from "../recipes/lora";
import { loraTagger } from "../recipes/tag-lora";
import { trainingFolder } from "./order.fixture";
import { orderedEffort } from "./ordered-effort";

const folder = trainingFolder();
afterAll(folder.remove);
const base = { id: "minilm-l6", dir: "", sha256: "" };
const effortOf = (hyperparameters: Hyperparameters, readsWords = false) =>
  orderedEffort({ ...folder.order([], { base }), hyperparameters }, readsWords);

test("the tuned share is of the layers that are run, and all of them where none were ordered", () => {
  expect(effortOf({ epochs: 3, lora: { layers: 2 } })).toEqual({ epochs: 3, tunedShare: 1 / 3 });
  expect(effortOf({ lora: { layers: 2 } }, true).tunedShare).toBe(1 / 2);
  for (const ordered of [{}, { lora: { rank: 4 } }]) expect(effortOf(ordered).tunedShare).toBe(1);
});

test("an adapter in fewer layers is taken to cost less, and tuning them all as much as ever", () => {
  const profile = { rows: 10_000, classes: 5, meanTokens: 20, epochs: 3 };
  for (const { estimate } of [lora, loraTagger, loraAnswerer]) {
    const secondsOf = (tunedShare: number) => estimate({ ...profile, tunedShare }).seconds;
    expect(secondsOf(1)).toBe(estimate(profile).seconds);
    expect(secondsOf(1 / 3)).toBeLessThan(0.6 * secondsOf(1));
    expect(secondsOf(1 / 3)).toBeGreaterThan(secondsOf(1) / 3);
  }
  expect(full.estimate({ ...profile, tunedShare: 1 / 3 })).toEqual(full.estimate(profile));
});
