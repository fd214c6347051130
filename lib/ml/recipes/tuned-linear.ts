import type { Encoder } from "../base/encoder";
import { embedTuned } from "../base/tuned-vectors";
import type { Hyperparameters } from "../contract";
import { NO_AUGMENTATION } from "../data/augment";
import type { Objective } from "../linear/losses";
import { denseLogits } from "../linear/softmax-head";
import { type Checkpoint, orSlower } from "../train/loop";
import { tuneObjective } from "../train/tune-encoder";
import { readByStrength } from "./adapter-readings";
import {
  densify,
  type LinearModel,
  type LinearRecipe,
  type PreparedLinear,
  prepareLinear,
  type ReadTexts,
} from "./linear-text";
import {
  ADAPTER_STEPS,
  describeLora,
  describeSteps,
  epochsFor,
  orderLora,
  orderSteps,
} from "./tuning-effort";

/** The base with gradients, and each row's texts as it reads them. */
export interface LinearTuning {
  encoder: Encoder;
  ordered: Hyperparameters;
  sequences: readonly (readonly Int32Array[])[];
  /** Where a fit goes on from after an interruption; `fit` is all that it depends on. */
  checkpoint(fit: unknown): Checkpoint;
}

/**
 * Of tasks that are linear in their texts: an adapter tuned by the task's own loss with the head, from the head's
 * solution on the frozen base. What it makes of a text is a vector that knows the task, for search among others.
 */
export function prepareTunedLinear(
  recipe: LinearRecipe,
  read: readonly ReadTexts[],
  objective: Objective,
  { encoder, ordered, sequences, checkpoint }: LinearTuning,
): PreparedLinear {
  const frozen = prepareLinear(recipe, read, objective);
  const { layers } = encoder.config;
  const shape = orderLora(ordered, layers);
  const strength = readByStrength<LinearModel>(shape.rank);
  let steps = {};
  const textsOf = (rows: readonly number[]) => rows.map((row) => sequences[row] ?? []);
  return {
    async fit(rows, options) {
      const { head: start } = await frozen.fit(rows, { ...options, onProgress: () => {} });
      const settings = {
        ...orderSteps({ epochs: epochsFor(rows.length), ...ADAPTER_STEPS }, ordered),
        lora: shape,
        augmentation: NO_AUGMENTATION,
        seed: options.seed,
      };
      const { head, lora } = await orSlower(settings, (own) => {
        steps = describeSteps(own, ADAPTER_STEPS.rate);
        return tuneObjective(encoder, textsOf(rows), { of: objective, rows }, start, own, {
          signal: options.signal,
          checkpoint: checkpoint([own, rows]),
          onStep: (step, all) => options.onProgress(step / all),
        });
      });
      return strength.asKept({ head, ngrams: null, lora });
    },
    outputs({ head, lora }, rows) {
      if (!lora) throw new Error("a tuned model is needed");
      const texts = textsOf(rows);
      const vectors = embedTuned(encoder, texts.flat(), lora);
      let used = 0;
      const tuned = texts.map((own): ReadTexts => {
        used += own.length;
        return { counted: [], vectors: vectors.slice(used - own.length, used) };
      });
      return denseLogits(head, densify(recipe, tuned));
    },
    ...strength.readable,
    effective: () => ({
      ...{ ...steps, ...describeLora(shape, layers), ...strength.effective() },
      ...frozen.effective(),
    }),
  };
}
