import { NARROW_TARGETS } from "../base/bert-graph";
import type { LoraShape } from "../base/lora-shape";
import { tuneLora } from "../train/tune-encoder";
import { createTuned } from "./tuned-text";

export const LORA_SHAPE: LoraShape = { rank: 8, alpha: 16, targets: NARROW_TARGETS, fromLayer: 0 };

/** Low-rank adapters on query and value of every layer (Hu et al. 2022). */
export const lora = createTuned({
  id: "lora",
  usualGain: 0.05,
  ranks: [LORA_SHAPE.rank],
  rate: 2e-3,
  headRate: 2e-3,
  cost: 1,
  bytes: 2e9,
  shape: { alpha: LORA_SHAPE.alpha },
  tune: (encoder, data, start, settings, hooks) =>
    tuneLora(encoder, data, start, { ...settings, lora: LORA_SHAPE }, hooks),
});
