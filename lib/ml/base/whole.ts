import {
  add,
  type Tensor,
  type Tensor2D,
  tensor,
  tidy,
  type Variable,
  variable,
} from "@tensorflow/tfjs-core";
import type { Encoder, Layer, Linear, LinearName } from "./encoder";
import { type Change, checkChange, WHOLE_PARTS } from "./whole-shape";

/**
 * All linear matrices of an encoder's layers as variables that begin at the encoder's own numbers. Biases and norms
 * stay as they are: tuned along, they moved nothing (Banking77 with 10 rows a class, 85.95 % with and without), and
 * what is tuned can be served as low-rank differences.
 */
export interface HeldWhole {
  layers: Layer[];
  /** By layer, each in the order of `WHOLE_PARTS`. */
  variables: Variable[];
  /** How far they are from the encoder's own. */
  read(): Change;
  dispose(): void;
}

export function holdWhole(encoder: Encoder): HeldWhole {
  const variables: Variable[] = [];
  const layers = encoder.layers.map((layer): Layer => {
    const held = WHOLE_PARTS.map((part): [LinearName, Linear] => {
      const weights = variable(layer[part].weights);
      variables.push(weights);
      return [part, { weights: weights as Tensor as Tensor2D, bias: layer[part].bias }];
    });
    return { ...layer, ...Object.fromEntries(held) };
  });
  return {
    layers,
    variables,
    read() {
      const change = new Float32Array(variables.reduce((sum, { size }) => sum + size, 0));
      let at = 0;
      for (const [i, before] of ownMatrices(encoder).entries()) {
        const [own, now] = [before.dataSync(), (variables[i] as Variable).dataSync()];
        for (let j = 0; j < own.length; j++) change[at + j] = (now[j] as number) - (own[j] as number);
        at += own.length;
      }
      return change;
    },
    dispose() {
      for (const one of variables) one.dispose();
    },
  };
}

const ownMatrices = ({ layers }: Encoder) =>
  layers.flatMap((layer) => WHOLE_PARTS.map((part) => layer[part].weights));

/** The same as a tuning changed it. Throws when the change is of an encoder of another shape. */
export function holdChanged(encoder: Encoder, change: Change): HeldWhole {
  checkChange(change, encoder.config);
  const held = holdWhole(encoder);
  let at = 0;
  for (const one of held.variables) {
    const own = change.subarray(at, at + one.size);
    at += one.size;
    tidy(() => one.assign(add(one, tensor(own, one.shape))));
  }
  return held;
}
