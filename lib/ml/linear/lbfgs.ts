/**
 * Limited-memory BFGS with a backtracking line search that asks for sufficient decrease and curvature
 * (Nocedal & Wright, Numerical Optimization, 2nd ed., algorithms 7.4, 7.5 and the weak Wolfe conditions).
 */
/** Writes the gradient at `x` into `gradient` and returns the value. */
export type Objective = (x: Float64Array, gradient: Float64Array) => number;
export interface LbfgsOptions {
  maxIterations: number;
  /** Stops when the largest gradient component is below this. */
  tolerance: number;
  history?: number;
  /** Called once an iteration; throw to stop. */
  onIteration?(iteration: number, value: number): void;
}

/** In four lanes: one running sum waits for each of its additions. */
function dot(a: Float64Array, b: Float64Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0];
  const whole = a.length - (a.length % 4);
  for (let i = 0; i < whole; i += 4) {
    s0 += (a[i] as number) * (b[i] as number);
    s1 += (a[i + 1] as number) * (b[i + 1] as number);
    s2 += (a[i + 2] as number) * (b[i + 2] as number);
    s3 += (a[i + 3] as number) * (b[i + 3] as number);
  }
  for (let i = whole; i < a.length; i++) s0 += (a[i] as number) * (b[i] as number);
  return s0 + s1 + (s2 + s3);
}
function addScaled(a: Float64Array, scale: number, b: Float64Array): void {
  for (let i = 0; i < a.length; i++) a[i] = (a[i] as number) + scale * (b[i] as number);
}
function largest(a: Float64Array): number {
  let most = 0;
  for (let i = 0; i < a.length; i++) most = Math.max(most, Math.abs(a[i] as number));
  return most;
}

/** Minimises in place; returns the value and the number of iterations. */
export function minimise(
  objective: Objective,
  x: Float64Array,
  options: LbfgsOptions,
): { value: number; iterations: number } {
  const memory = options.history ?? 10;
  const pairs: { s: Float64Array; y: Float64Array; rho: number }[] = [];
  let gradient = new Float64Array(x.length);
  let value = objective(x, gradient);
  let iteration = 0;
  for (; iteration < options.maxIterations && largest(gradient) > options.tolerance; iteration++) {
    options.onIteration?.(iteration, value);
    const direction = twoLoop(gradient, pairs);
    const slope = dot(gradient, direction);
    if (slope >= 0) {
      // Rounding spoiled the curvature pairs: begin again from steepest descent.
      pairs.length = 0;
      continue;
    }
    const first = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1;
    const step = search(objective, x, value, slope, direction, first);
    if (!step) break;
    const s = new Float64Array(x.length);
    const y = new Float64Array(x.length);
    for (let i = 0; i < x.length; i++) {
      s[i] = (step.x[i] as number) - (x[i] as number);
      y[i] = (step.gradient[i] as number) - (gradient[i] as number);
    }
    const curvature = dot(s, y);
    if (curvature > 1e-12) pairs.push({ s, y, rho: 1 / curvature });
    if (pairs.length > memory) pairs.shift();
    x.set(step.x);
    gradient = step.gradient;
    const gain = value - step.value;
    value = step.value;
    if (gain <= 1e-9 * Math.max(1, Math.abs(value))) break;
  }
  return { value, iterations: iteration };
}

function twoLoop(
  gradient: Float64Array,
  pairs: readonly { s: Float64Array; y: Float64Array; rho: number }[],
) {
  const q = new Float64Array(gradient.length);
  addScaled(q, -1, gradient);
  const alphas: number[] = [];
  for (const { s, y, rho } of pairs.toReversed()) {
    const alpha = rho * dot(s, q);
    alphas.push(alpha);
    addScaled(q, -alpha, y);
  }
  const last = pairs.at(-1);
  if (last) {
    const scale = 1 / (last.rho * dot(last.y, last.y));
    for (let i = 0; i < q.length; i++) q[i] = (q[i] as number) * scale;
  }
  for (const { s, y, rho } of pairs) {
    const beta = rho * dot(y, q);
    addScaled(q, (alphas.pop() ?? 0) - beta, s);
  }
  return q;
}

/** Bisection with doubling for the weak Wolfe conditions; null when no step helps any more. */
function search(
  objective: Objective,
  from: Float64Array,
  value: number,
  slope: number,
  direction: Float64Array,
  first: number,
) {
  let [low, high, step] = [0, Number.POSITIVE_INFINITY, first];
  const x = new Float64Array(from.length);
  for (let attempt = 0; attempt < 30; attempt++) {
    for (let i = 0; i < x.length; i++) x[i] = (from[i] as number) + step * (direction[i] as number);
    const gradient = new Float64Array(from.length);
    const next = objective(x, gradient);
    if (!(next <= value + 1e-4 * step * slope)) high = step;
    else if (dot(gradient, direction) < 0.9 * slope) low = step;
    else return { x, gradient, value: next };
    step = high === Number.POSITIVE_INFINITY ? step * 2 : (low + high) / 2;
  }
  return null;
}
