/**
 * AdamW (Loshchilov & Hutter 2019) over typed arrays: an adapter has some ten thousand numbers, for which the host is
 * faster than a dozen kernels a tensor, and the state is plain bytes that a checkpoint can hold.
 */
export interface AdamState {
  step: number;
  first: Float32Array[];
  second: Float32Array[];
}
export interface AdamOptions {
  rate: number;
  /** Decoupled weight decay. */
  decay: number;
  beta1?: number;
  beta2?: number;
  epsilon?: number;
}

export const createAdam = (sizes: readonly number[]): AdamState => ({
  step: 0,
  first: sizes.map((size) => new Float32Array(size)),
  second: sizes.map((size) => new Float32Array(size)),
});

/** Scales gradients in place so that their joint length is at most `limit`; returns the length before. */
export function clipByNorm(gradients: readonly Float32Array[], limit: number): number {
  let squares = 0;
  for (const gradient of gradients) for (const g of gradient) squares += g * g;
  const length = Math.sqrt(squares);
  if (length > limit) {
    const scale = limit / length;
    for (const gradient of gradients)
      for (let i = 0; i < gradient.length; i++) gradient[i] = (gradient[i] as number) * scale;
  }
  return length;
}

/** One step in place; `scales` multiplies the rate of each parameter. */
export function stepAdam(
  state: AdamState,
  parameters: readonly Float32Array[],
  gradients: readonly Float32Array[],
  scales: readonly number[],
  options: AdamOptions,
): void {
  const { rate, decay, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  state.step += 1;
  const fix1 = 1 - beta1 ** state.step;
  const fix2 = 1 - beta2 ** state.step;
  for (const [n, values] of parameters.entries()) {
    const own = rate * (scales[n] ?? 1);
    const [m, v, g] = [state.first[n], state.second[n], gradients[n]];
    if (!m || !v || !g) throw new Error("a parameter has no state or gradient");
    for (let i = 0; i < values.length; i++) {
      const slope = g[i] as number;
      const mean = beta1 * (m[i] as number) + (1 - beta1) * slope;
      const square = beta2 * (v[i] as number) + (1 - beta2) * slope * slope;
      m[i] = mean;
      v[i] = square;
      const value = values[i] as number;
      values[i] = value - own * (mean / fix1 / (Math.sqrt(square / fix2) + epsilon) + decay * value);
    }
  }
}

/** One cycle (Smith & Topin 2018): linear warm-up over the first share of steps, then a cosine down to zero. */
export function oneCycle(step: number, steps: number, peak: number, warmUp = 0.1): number {
  const rise = Math.max(1, Math.round(steps * warmUp));
  if (step < rise) return (peak * (step + 1)) / rise;
  return peak * 0.5 * (1 + Math.cos((Math.PI * (step - rise)) / Math.max(1, steps - rise)));
}
