/**
 * A linear chain of tags (Lafferty, McCallum & Pereira 2001): the score of a sequence is the sum of its words' own
 * scores and of one score for each pair of neighbouring tags. Sums run over probabilities scaled word by word
 * (Rabiner 1989), so there is one exponential for each word and tag and none for a pair.
 */
export interface Transitions {
  tags: number;
  /** [tags, tags] row-major: from the row's tag to the column's. */
  scores: Float64Array;
  /** The same shape: whether the column's tag may follow the row's. */
  isAllowed: readonly boolean[];
  /** [tags]: whether a sequence may begin with the tag. */
  isFirst: readonly boolean[];
}

/** What is known of one sequence after both passes; `n` words. */
export interface Lattice {
  n: number;
  tags: number;
  /** [n, tags]: exp of the words' scores, each word's largest made one. */
  emitted: Float64Array;
  /** exp of the transitions, zero where none is allowed. */
  moved: Float64Array;
  forward: Float64Array;
  backward: Float64Array;
  scales: Float64Array;
  /** log Σ exp over all allowed sequences. */
  logTotal: number;
}

export function exponentials({ scores, isAllowed }: Transitions): Float64Array {
  return scores.map((score, at) => (isAllowed[at] ? Math.exp(score) : 0));
}

/**
 * Both passes over the words `from` to `to` of `scores` [words, tags].
 * @param moved of `exponentials`, made once for many sequences.
 */
export function passChain(
  scores: Float32Array,
  from: number,
  to: number,
  transitions: Transitions,
  moved: Float64Array,
): Lattice {
  const { tags } = transitions;
  const n = to - from;
  const [emitted, forward, backward] = [0, 0, 0].map(() => new Float64Array(n * tags)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  const scales = new Float64Array(n);
  let logTotal = 0;
  for (let i = 0; i < n; i++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let t = 0; t < tags; t++) most = Math.max(most, scores[(from + i) * tags + t] as number);
    let total = 0;
    for (let t = 0; t < tags; t++) {
      const own = Math.exp((scores[(from + i) * tags + t] as number) - most);
      emitted[i * tags + t] = own;
      let reached = i === 0 && transitions.isFirst[t] ? 1 : 0;
      for (let s = 0; s < tags && i > 0; s++)
        reached += (forward[(i - 1) * tags + s] as number) * (moved[s * tags + t] as number);
      forward[i * tags + t] = own * reached;
      total += own * reached;
    }
    for (let t = 0; t < tags; t++) forward[i * tags + t] = (forward[i * tags + t] as number) / total;
    scales[i] = total;
    logTotal += Math.log(total) + most;
  }
  backward.fill(1, (n - 1) * tags);
  for (let i = n - 2; i >= 0; i--)
    for (let s = 0; s < tags; s++) {
      let sum = 0;
      for (let t = 0; t < tags; t++)
        sum +=
          (moved[s * tags + t] as number) *
          (emitted[(i + 1) * tags + t] as number) *
          (backward[(i + 1) * tags + t] as number);
      backward[i * tags + s] = sum / (scales[i + 1] as number);
    }
  return { n, tags, emitted, moved, forward, backward, scales, logTotal };
}

/** The probability that words `start` to `end` (exclusive) have exactly these tags and `after` does not follow. */
export function segmentProbability(
  lattice: Lattice,
  start: number,
  path: readonly number[],
  after: number,
): number {
  const { n, tags, emitted, moved, forward, backward, scales } = lattice;
  let [at, tag] = [start, path[0] as number];
  let probability = forward[at * tags + tag] as number;
  for (const next of path.slice(1)) {
    at++;
    probability *=
      ((moved[tag * tags + next] as number) * (emitted[at * tags + next] as number)) / (scales[at] as number);
    tag = next;
  }
  if (at === n - 1) return Math.min(1, probability);
  let rest = 0;
  for (let t = 0; t < tags; t++)
    if (t !== after)
      rest +=
        (moved[tag * tags + t] as number) *
        (emitted[(at + 1) * tags + t] as number) *
        (backward[(at + 1) * tags + t] as number);
  return Math.min(1, (probability * rest) / (scales[at + 1] as number));
}

/** The best allowed sequence of tags for words `from` to `to` (Viterbi 1967). */
export function bestTags(
  scores: Float32Array,
  from: number,
  to: number,
  transitions: Transitions,
): Int32Array {
  const { tags, isAllowed, isFirst } = transitions;
  const n = to - from;
  const cameFrom = new Int32Array(n * tags);
  let best = Float64Array.from({ length: tags }, (_, t) =>
    isFirst[t] ? (scores[from * tags + t] ?? 0) : Number.NEGATIVE_INFINITY,
  );
  for (let i = 1; i < n; i++) {
    const next = new Float64Array(tags).fill(Number.NEGATIVE_INFINITY);
    for (let s = 0; s < tags; s++)
      for (let t = 0; t < tags; t++) {
        const score = (best[s] as number) + (transitions.scores[s * tags + t] as number);
        if (!isAllowed[s * tags + t] || score <= (next[t] as number)) continue;
        next[t] = score;
        cameFrom[i * tags + t] = s;
      }
    for (let t = 0; t < tags; t++) next[t] = (next[t] as number) + (scores[(from + i) * tags + t] as number);
    best = next;
  }
  const path = new Int32Array(n);
  if (n === 0) return path;
  path[n - 1] = best.indexOf(Math.max(...best));
  for (let i = n - 1; i > 0; i--) path[i - 1] = cameFrom[i * tags + (path[i] as number)] as number;
  return path;
}
