/** Percentiles of text lengths from a histogram: exact up to 65,535 characters, and no list of lengths. */
export function countLengths() {
  const counts = new Uint32Array(65_536);
  let [n, max] = [0, 0];
  function percentile(share: number): number {
    const rank = Math.ceil(share * n);
    let seen = 0;
    for (let length = 0; length < counts.length - 1; length++) {
      seen += counts[length] ?? 0;
      if (seen >= rank) return length;
    }
    return max;
  }
  return {
    add(length: number): void {
      const slot = Math.min(length, counts.length - 1);
      counts[slot] = (counts[slot] ?? 0) + 1;
      n++;
      max = Math.max(max, length);
    },
    summary: () =>
      n === 0 ? { p50: 0, p95: 0, max: 0 } : { p50: percentile(0.5), p95: percentile(0.95), max },
  };
}
