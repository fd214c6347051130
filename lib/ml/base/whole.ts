import { type Tensor, type Tensor1D, type Tensor2D, type Variable, variable } from "@tensorflow/tfjs-core";
import { type Encoder, type Layer, type Linear, tensorsOf } from "./encoder";
import type { Norm } from "./fused";

/** All weights of an encoder above its embeddings as variables that begin at the encoder's own numbers. */
export interface HeldWhole {
  layers: Layer[];
  /** By layer, each in the order of `tensorsOf`. */
  variables: Variable[];
  read(): Float32Array[];
  dispose(): void;
}

export function holdWhole(encoder: Encoder): HeldWhole {
  const layers = encoder.layers.map(copyLayer);
  const variables = layers.flatMap(tensorsOf) as Tensor[] as Variable[];
  return {
    layers,
    variables,
    read: () => variables.map((one) => one.dataSync().slice() as Float32Array),
    dispose() {
      for (const one of variables) one.dispose();
    },
  };
}

function copyLayer(layer: Layer): Layer {
  const copy = <T extends Tensor1D | Tensor2D>(tensor: T) => variable(tensor) as Tensor as T;
  const linear = ({ weights, bias }: Linear): Linear => ({ weights: copy(weights), bias: copy(bias) });
  const norm = ({ gamma, beta }: Norm): Norm => ({ gamma: copy(gamma), beta: copy(beta) });
  return {
    qkv: linear(layer.qkv),
    out: linear(layer.out),
    norm: norm(layer.norm),
    up: linear(layer.up),
    down: linear(layer.down),
    lastNorm: norm(layer.lastNorm),
  };
}
