import { NARROW_TARGETS } from "../base/bert-graph";
import type { LoraShape } from "../base/lora-shape";
import type { Recipe } from "../task";

/** The adapter of every recipe that tunes one, and the steps by which it is tuned beside its head. */
export const LORA_SHAPE: LoraShape = { rank: 8, alpha: 16, targets: NARROW_TARGETS, fromLayer: 0 };
export const ADAPTER_STEPS = {
  batchSize: 32,
  rate: 2e-3,
  headRate: 1,
  decay: 0.01,
  clip: 1,
  lora: LORA_SHAPE,
} as const;

/** Tokens a second through one step of tuning, forward and back, on two cores; measured on short rows. */
export const TUNED_TOKENS_A_SECOND = 1800;

/** How long recipes tune over whole texts, and what that costs. */
export const epochsFor = (rows: number): number =>
  rows <= 1000 ? 12 : rows <= 3000 ? 8 : rows <= 6000 ? 5 : 3;

export const secondsToTune = (rows: number, meanTokens: number): number =>
  (rows * (meanTokens + 2) * epochsFor(rows)) / TUNED_TOKENS_A_SECOND;

/** Of an adapter over rows of so many texts each; `meanTokens` counts all of a row. */
export const estimateTuned =
  (texts: number): Recipe["estimate"] =>
  ({ rows, meanTokens }) => ({
    seconds: 10 + secondsToTune(rows, meanTokens + 2 * (texts - 1)),
    bytes: 2e9 + rows * 384 * 12 * texts,
  });
