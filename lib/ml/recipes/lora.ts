import { tuneLora } from "../train/tune-encoder";
import { createTuned } from "./tuned-text";
import { ADAPTER_STEPS } from "./tuning-effort";

/** Low-rank adapters on query and value of every layer (Hu et al. 2022). */
export const lora = createTuned({
  id: "lora",
  usualGain: 0.05,
  rate: ADAPTER_STEPS.rate,
  headRate: ADAPTER_STEPS.rate * ADAPTER_STEPS.headRate,
  cost: 1,
  bytes: 2e9,
  tune: tuneLora,
});
