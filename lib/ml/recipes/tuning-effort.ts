import { NARROW_TARGETS } from "../base/bert-graph";
import type { LoraShape } from "../base/lora-shape";
import type { Hyperparameters } from "../contract";
import type { Profile, Recipe } from "../task";
import type { TuningSteps } from "../train/loop";

/** The adapter of every recipe that tunes one, and the usual steps by which it is tuned beside its head. */
export const LORA_SHAPE: LoraShape = { rank: 8, alpha: 16, targets: NARROW_TARGETS, fromLayer: 0 };
export const ADAPTER_STEPS = {
  batchSize: 32,
  rate: 2e-3,
  headRate: 1,
  decay: 0.01,
  clip: 1,
};

/** The usual steps with what an order sets of them; the head's rate goes with the encoder's. */
export const orderSteps = <S extends Pick<TuningSteps, "epochs" | "batchSize" | "rate">>(
  usual: S,
  { epochs, batchSize, learningRateMultiplier = 1 }: Hyperparameters,
): S => ({
  ...usual,
  epochs: epochs ?? usual.epochs,
  batchSize: batchSize ?? usual.batchSize,
  rate: usual.rate * learningRateMultiplier,
});

/** The usual adapter with what an order sets of it, on a base of which so many layers are run. */
export function orderLora({ lora = {} }: Hyperparameters, layers: number): LoraShape {
  const { rank = LORA_SHAPE.rank, layers: tuned = layers } = lora;
  if (tuned > layers) throw new Error(`${tuned} layers were ordered of ${layers}`);
  // As usual, twice the rank: what one direction weighs stays the same.
  const alpha = lora.alpha ?? (rank * LORA_SHAPE.alpha) / LORA_SHAPE.rank;
  return { ...LORA_SHAPE, rank, alpha, fromLayer: layers - tuned };
}

/** By what the usual rate was multiplied. */
export const multiplierOf = (rate: number, usualRate: number) => Number((rate / usualRate).toPrecision(6));

/** Steps that ran, for the report; `rateMultiplier` is of the usual rate, a quarter of the ordered one after a divergence. */
export const describeSteps = ({ rate, headRate, ...steps }: TuningSteps, usualRate: number) => ({
  epochs: steps.epochs,
  batchSize: steps.batchSize,
  rate,
  rateMultiplier: multiplierOf(rate, usualRate),
  headRate: rate * headRate,
  decay: steps.decay,
  clip: steps.clip,
});
export const describeLora = ({ rank, alpha, fromLayer }: LoraShape, layers: number) => ({
  rank,
  alpha,
  layers: layers - fromLayer,
});

/** Through one step of tuning all layers, forward and back, on two cores; measured on short rows. */
const TUNED_TOKENS_A_SECOND = 1800;
/** Of a layer's step, forward alone: 29 of 60 ms for 512 tokens. */
const FORWARD_SHARE = 0.5;

/** Of so many epochs over so many tokens. Layers below the tuned share of them are read once (`frozen-prefix.ts`). */
export const tuningSeconds = (tokens: number, epochs: number, tunedShare = 1): number =>
  (tokens * (tunedShare * epochs + (1 - tunedShare) * FORWARD_SHARE)) / TUNED_TOKENS_A_SECOND;

/** How long recipes tune over whole texts, and what that costs. */
export const epochsFor = (rows: number): number =>
  rows <= 1000 ? 12 : rows <= 3000 ? 8 : rows <= 6000 ? 5 : 3;

export const secondsToTune = ({
  rows,
  meanTokens,
  epochs = epochsFor(rows),
  tunedShare,
}: Pick<Profile, "rows" | "meanTokens" | "epochs" | "tunedShare">): number =>
  tuningSeconds(rows * (meanTokens + 2), epochs, tunedShare);

/** Of an adapter over rows of so many texts each; `meanTokens` counts all of a row. */
export const estimateTuned =
  (texts: number): Recipe["estimate"] =>
  (profile) => ({
    seconds: 10 + secondsToTune({ ...profile, meanTokens: profile.meanTokens + 2 * (texts - 1) }),
    bytes: 2e9 + profile.rows * 384 * 12 * texts,
  });
