import { tuneLora } from "../train/tune-encoder";
import { createTuned } from "./tuned-text";
import { ADAPTER_STEPS, LORA_SHAPE } from "./tuning-effort";

/** Low-rank adapters on query and value of every layer (Hu et al. 2022). */
export const lora = createTuned({
  id: "lora",
  usualGain: 0.05,
  ranks: [LORA_SHAPE.rank],
  rate: ADAPTER_STEPS.rate,
  headRate: ADAPTER_STEPS.rate * ADAPTER_STEPS.headRate,
  cost: 1,
  bytes: 2e9,
  shape: { alpha: LORA_SHAPE.alpha },
  tune: (encoder, data, start, settings, hooks) =>
    tuneLora(encoder, data, start, { ...settings, lora: LORA_SHAPE }, hooks),
});
