import { type Lora, scaleLora } from "../base/lora-shape";
import type { AdapterReading } from "../contract";

/** A recipe whose fitted models can be read in several ways: of these the best one out of fold is kept for later fits. */
export interface Readable<Model> {
  /** One fitted model in each of its ways, the plainest first; asked for before one of them is kept. */
  readings?(model: Model): readonly Model[];
  /** What each of them is, in their order. */
  ways?: readonly AdapterReading[];
  keep?(place: number): void;
}

/** Of a tuned adapter, the plainest first: between the base and its tuning may lie better than either (Wortsman et al. 2022). */
export const ADAPTER_STRENGTHS = [1, 0.75, 0.5];

/** Models that differ in how much their adapter counts, and in nothing else. */
export function readByStrength<Model extends { lora: Lora | null }>(rank: number) {
  const ways = ADAPTER_STRENGTHS.map((strength) => ({ rank, strength, ngrams: 0 }));
  let kept = 1;
  const at = (model: Model, strength: number): Model =>
    model.lora && strength !== 1 ? { ...model, lora: scaleLora(model.lora, strength) } : model;
  return {
    readable: {
      readings: (model) => ways.map(({ strength }) => at(model, strength)),
      ways,
      keep(place) {
        kept = ways[place]?.strength ?? kept;
      },
    } satisfies Readable<Model>,
    /** A model that was fitted just now, as it is kept. */
    asKept: (model: Model) => at(model, kept),
    effective: () => ({ strength: kept }),
  };
}
