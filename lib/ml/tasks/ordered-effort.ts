import { BASES } from "../catalogue";
import type { Profile, TrainOrder } from "../task";

/** What an order sets of a fit's cost; where words are read, the base's last layers are not run. */
export function orderedEffort(
  { base, hyperparameters: { epochs, lora } = {} }: TrainOrder,
  readsWords = false,
): Pick<Profile, "epochs" | "tunedShare"> {
  const known = Object.values(BASES).find(({ id }) => id === base?.id);
  const layers = readsWords ? known?.wordLayers : known?.layers;
  return { epochs, tunedShare: lora?.layers && layers ? Math.min(1, lora.layers / layers) : 1 };
}
