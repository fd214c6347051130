import { differenceOf } from "../base/whole";
import { tuneWhole } from "../train/tune-encoder";
import { createTuned } from "./tuned-text";

/**
 * Served at the first of these that loses nothing out of fold. On Banking77 with 10 rows a class the whole difference
 * is right on 85.95 % of 2,000 test rows, its 32 strongest directions on 85.90 %, 8 on 86.00 %.
 */
const RANKS = [8, 32];

/** All linear matrices of every layer, kept as the low-rank part of what changed in each. */
export const full = createTuned({
  id: "full",
  usualGain: 0.06,
  after: "lora",
  ranks: RANKS,
  rate: 1e-4,
  headRate: 2e-3,
  cost: 1.6,
  bytes: 2.3e9,
  async tune(encoder, data, start, settings, hooks) {
    const { head, weights } = await tuneWhole(encoder, data, start, settings, hooks);
    return { head, lora: differenceOf(encoder, weights, Math.max(...RANKS)) };
  },
});
