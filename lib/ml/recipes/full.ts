import { strongestOf } from "../base/whole-shape";
import { tuneWhole } from "../train/tune-encoder";
import { createTuned } from "./tuned-text";

/**
 * Served at the narrowest of these that loses nothing out of fold. On Banking77 with 10 rows a class the whole change is
 * right on 85.95 % of 2,000 test rows, its 32 strongest directions on 85.90 %, 8 on 86.00 %; other rates and rows want it whole.
 */
const RANKS = [8, 32] as const;

/** All linear matrices of every layer, kept whole and as the low-rank part of what changed in each. */
export const full = createTuned({
  id: "full",
  usualGain: 0.06,
  after: "lora",
  ranks: [...RANKS, "whole"],
  rate: 1e-4,
  headRate: 2e-3,
  cost: 1.6,
  bytes: 2.3e9,
  async tune(encoder, data, start, settings, hooks) {
    const { head, change } = await tuneWhole(encoder, data, start, settings, hooks);
    return { head, lora: strongestOf(change, encoder.config, Math.max(...RANKS)), change };
  },
});
