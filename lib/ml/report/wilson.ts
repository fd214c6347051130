import type { Estimate } from "../evaluation";

/** Standard deviations that a two-sided 95 % interval reaches to either side. */
export const Z95 = 1.959964;

/** Wilson score interval of a proportion (Wilson 1927): honest near 0 and 1 and with few rows. */
export function wilson(successes: number, n: number, z = Z95): Estimate {
  if (n === 0) return { value: 0, low: 0, high: 1 };
  const p = successes / n;
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n);
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n));
  return { value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}
