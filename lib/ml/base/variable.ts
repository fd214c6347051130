import { tensor, tidy, type Variable, variable } from "@tensorflow/tfjs-core";

/** A variable that begins at these numbers. The tensor that brings them would outlive it: a variable holds one of its own. */
export const createVariable = (values: Float32Array, shape: number[]): Variable =>
  tidy(() => variable(tensor(values, shape)));
