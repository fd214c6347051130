/**
 * Rows of like length together, the shortest first, so that little is computed on padding.
 * @param lengths tokens of each row. @param mostTokens padded tokens of a batch; a longer row is a batch alone.
 * @returns row numbers, every row once.
 */
export function lengthBatches(
  lengths: readonly number[],
  mostTokens: number,
  mostRows = Number.POSITIVE_INFINITY,
): number[][] {
  const order = lengths.map((_, row) => row).sort((a, b) => (lengths[a] as number) - (lengths[b] as number));
  const batches: number[][] = [];
  for (const row of order) {
    const last = batches.at(-1);
    const fits = last && last.length < mostRows && (last.length + 1) * (lengths[row] as number) <= mostTokens;
    if (last && fits) last.push(row);
    else batches.push([row]);
  }
  return batches;
}
