import { openBackend } from "../backend";
import type { Csr } from "../data/features";
import { type BlockHead, holdProducts } from "./block-head";
import { exponentials, passChain, type Transitions } from "./chain";
import { minimise } from "./lbfgs";
import type { Dense } from "./matrix";
import { addSparseTimes, addTransposedTimes, fromStriped } from "./sparse-product";

/** A head over words in a row: each word's scores as of a `BlockHead`, and the transitions between their tags. */
export interface ChainHead extends BlockHead {
  transitions: Transitions;
}
/** The words of all sequences, one behind the other. */
export interface Chains {
  /** Where each sequence begins, and behind the last one the number of words. */
  starts: Int32Array;
  /** Tag number of each word. */
  tags: Int32Array;
}
interface ChainOptions {
  /** Inverse strength of the L2 penalty on weights and transitions: C · Σ loss + ½ ‖weights‖². The bias is free. */
  c: number;
  maxIterations?: number;
  signal?: AbortSignal;
  onIteration?(iteration: number): void;
}
const TOLERANCE = 1e-4;

/**
 * A conditional random field (Lafferty et al. 2001) over [x, scale · s], a dense block beside a sparse one, by
 * L-BFGS on the exact likelihood. Throws when aborted.
 * @param x words [n, inputs], or null; @param s the same words over features, unit length.
 * @param frame which tags may follow which; its scores are where the fit begins.
 */
export async function fitChainHead(
  x: Dense | null,
  s: Csr,
  scale: number,
  { starts, tags }: Chains,
  frame: Transitions,
  options: ChainOptions,
): Promise<ChainHead> {
  const backend = await openBackend();
  const k = frame.tags;
  const inputs = x?.columns ?? 0;
  const sizes = [inputs * k, s.columns * k, k, k * k];
  const theta = new Float64Array(sizes.reduce((a, b) => a + b));
  const partsOf = (vector: Float64Array) => {
    let at = 0;
    const [dense, sparse, bias, moves] = sizes.map((size) => {
      at += size;
      return vector.subarray(at - size, at);
    }) as [Float64Array, Float64Array, Float64Array, Float64Array];
    return { dense, sparse, bias, moves };
  };
  const own = partsOf(theta);
  const biasAt = (inputs + s.columns) * k;
  const isFree = (i: number) => i >= biasAt && i < biasAt + k;
  own.moves.set(frame.scores);
  const scaled: Csr = { ...s, values: s.values.map((value) => value * scale) };
  const held = x && holdProducts(x, backend);
  const penalty = 1 / (options.c * s.rows);
  const weights = new Float32Array(inputs * k);
  const objective = (at: Float64Array, gradient: Float64Array): number => {
    const [point, slope] = [partsOf(at), partsOf(gradient)];
    weights.set(point.dense);
    const scores = held?.times(weights, k) ?? new Float32Array(s.rows * k);
    for (let i = 0; i < scores.length; i++) scores[i] = (scores[i] as number) + (point.bias[i % k] as number);
    addSparseTimes(scaled, point.sparse, scores, k);
    gradient.fill(0);
    const loss = toResiduals(scores, { starts, tags }, { ...frame, scores: point.moves }, slope.moves);
    for (let i = 0; i < scores.length; i++)
      slope.bias[i % k] = (slope.bias[i % k] as number) + (scores[i] as number);
    const product = held?.transposedTimes(scores, k);
    for (let i = 0; product && i < product.length; i++)
      slope.dense[i] = (slope.dense[i] as number) + (product[i] as number);
    addTransposedTimes(scaled, scores, 1, slope.sparse, k);
    let squares = 0;
    for (let i = 0; i < at.length; i++) {
      const w = isFree(i) ? 0 : (at[i] as number);
      squares += w * w;
      gradient[i] = (gradient[i] as number) / s.rows + penalty * w;
    }
    return loss / s.rows + 0.5 * penalty * squares;
  };
  try {
    minimise(objective, theta, {
      maxIterations: options.maxIterations ?? 100,
      tolerance: TOLERANCE,
      onIteration(iteration) {
        options.signal?.throwIfAborted();
        options.onIteration?.(iteration);
      },
    });
  } finally {
    held?.dispose();
  }
  return {
    dense: { inputs, classes: k, weights: Float32Array.from(own.dense), bias: Float32Array.from(own.bias) },
    sparse: fromStriped(own.sparse, s.columns, k).map((w) => w * scale),
    transitions: { ...frame, scores: own.moves.slice() },
  };
}

/**
 * Turns the words' scores [words, tags] into marginal probability minus one-hot in place, adds the same for pairs of
 * tags to `moves`, and returns the summed loss.
 */
function toResiduals(
  scores: Float32Array,
  { starts, tags: gold }: Chains,
  transitions: Transitions,
  moves: Float64Array,
): number {
  const k = transitions.tags;
  const moved = exponentials(transitions);
  let loss = 0;
  for (let sequence = 0; sequence + 1 < starts.length; sequence++) {
    const [from, to] = [starts[sequence] as number, starts[sequence + 1] as number];
    if (from === to) continue;
    const { n, emitted, forward, backward, scales, logTotal } = passChain(
      scores,
      from,
      to,
      transitions,
      moved,
    );
    loss += logTotal;
    for (let i = 0; i < n; i++) {
      const tag = gold[from + i] as number;
      loss -= scores[(from + i) * k + tag] as number;
      for (let t = 0; t < k; t++) {
        const at = i * k + t;
        scores[from * k + at] = (forward[at] as number) * (backward[at] as number) - (t === tag ? 1 : 0);
      }
      if (i === 0) continue;
      const pair = (gold[from + i - 1] as number) * k + tag;
      loss -= transitions.scores[pair] as number;
      moves[pair] = (moves[pair] as number) - 1;
      for (let t = 0; t < k; t++) {
        const into =
          ((emitted[i * k + t] as number) * (backward[i * k + t] as number)) / (scales[i] as number);
        for (let s = 0; s < k; s++)
          moves[s * k + t] =
            (moves[s * k + t] as number) +
            (forward[(i - 1) * k + s] as number) * (moved[s * k + t] as number) * into;
      }
    }
  }
  return loss;
}
