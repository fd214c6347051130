import {
  add,
  div,
  grad,
  keep,
  logSumExp,
  matMul,
  mul,
  reshape,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  tensor2d,
  tidy,
} from "@tensorflow/tfjs-core";
import { createBatch, type Encoder, pool, type RunOptions } from "../base/encoder";
import { holdLora } from "../base/lora";
import type { Lora } from "../base/lora-shape";
import { holdChanged } from "../base/whole";
import type { Change } from "../base/whole-shape";
import type { LinearHead } from "../linear/softmax-head";

/**
 * Integrated gradients (Sundararajan, Taly & Yan 2017) of a label's log-odds, from a text of [PAD] tokens between the
 * same special ones to the text itself, straight through the space of embeddings. What counts beside the embedding
 * grows from nothing along the same path, so that both parts add up to one difference. Float32.
 */
export interface GradientOrder {
  /** Token ids with special tokens. */
  ids: Int32Array;
  adapter: Lora | null;
  /** Of a base that was tuned whole; instead of an adapter. */
  change?: Change | undefined;
  head: LinearHead;
  temperature: number;
  /** Logits beside those of the head, before the temperature: [classes]. */
  beside: Float32Array;
  /** Class numbers to explain. */
  labels: readonly number[];
}
export interface LabelGradients {
  /** What each token adds to the label's log-odds by way of the encoder: [tokens]; special tokens add nothing. */
  tokens: Float32Array;
  /** What one unit of a logit before the temperature adds along the path: [classes]. */
  classes: Float32Array;
  /** The log-odds of the text, and of the text of nothing. */
  whole: number;
  baseline: number;
}

/** [PAD] of every BERT vocabulary. */
const PAD = 0;
/** Points on the path: more only while tokens and n-grams miss more than this share of what they must add up to. */
const POINTS = [8, 16, 32, 64] as const;
const MOST_GAP = 0.01;
/** Tokens at a time: a backward pass keeps some 40 kB for each. */
const BATCH_TOKENS = 1024;
const FAR = 1e9;

/** One result a label, in their order. Blocks the thread that calls it for its whole time. */
export function integrateGradients(encoder: Encoder, order: GradientOrder): LabelGradients[] {
  const adapter = order.adapter && holdLora(order.adapter, encoder.config);
  const whole = order.change && holdChanged(encoder, order.change);
  const run: RunOptions = {
    ...(adapter && { difference: adapter.difference }),
    ...(whole && { layers: whole.layers }),
  };
  try {
    return order.labels.map((label) => {
      const [baseline = 0, whole = 0] = walk(encoder, run, order, label, [0, 1]).map(({ odds }) => odds);
      const along = (points: number) => ({
        ...integrate(encoder, run, order, label, points),
        whole,
        baseline,
      });
      let found = along(POINTS[0]);
      for (const points of POINTS.slice(1)) {
        if (isWhole(found, order)) break;
        found = along(points);
      }
      return found;
    });
  } finally {
    adapter?.dispose();
    whole?.dispose();
  }
}

/** Whether the parts add up to the difference that they explain, which they do for a path of endlessly many points. */
function isWhole({ tokens, classes, whole, baseline }: LabelGradients, { beside }: GradientOrder): boolean {
  const parts = [...tokens, ...classes.map((one, c) => one * (beside[c] ?? 0))];
  const difference = whole - baseline;
  const gap = difference - parts.reduce((sum, one) => sum + one, 0);
  return Math.abs(gap) <= MOST_GAP * Math.max(1, Math.abs(difference));
}

function integrate(
  encoder: Encoder,
  run: RunOptions,
  order: GradientOrder,
  label: number,
  points: number,
): Pick<LabelGradients, "tokens" | "classes"> {
  const { nodes, weights } = gaussLegendre(points);
  const perBatch = Math.max(1, Math.floor(BATCH_TOKENS / order.ids.length));
  const tokens = new Float32Array(order.ids.length);
  const classes = new Float32Array(order.beside.length);
  for (let at = 0; at < points; at += perBatch) {
    const part = walk(encoder, run, order, label, nodes.slice(at, at + perBatch));
    for (const [i, row] of part.entries()) {
      const weight = weights[at + i] ?? 0;
      for (const [t, one] of row.tokens.entries()) tokens[t] = (tokens[t] ?? 0) + weight * one;
      for (const [c, one] of row.classes.entries()) classes[c] = (classes[c] ?? 0) + weight * one;
    }
  }
  return { tokens, classes };
}

interface Step {
  /** Gradient times the way to go, summed over the embedding: [tokens]. */
  tokens: Float32Array;
  classes: Float32Array;
  odds: number;
}

/** The derivative at some places of the path, 0 at its beginning and 1 at the text. */
function walk(
  encoder: Encoder,
  run: RunOptions,
  { ids, head, temperature, beside }: GradientOrder,
  label: number,
  places: readonly number[],
): Step[] {
  const batch = createBatch(places.map(() => ids));
  const { hidden } = encoder.config;
  const [rows, length, classes] = [places.length, ids.length, head.classes];
  const nothing = ids.map((id, at) => (at === 0 || at === length - 1 ? id : PAD));
  let products = new Float32Array(0);
  let logits = new Float32Array(0);
  tidy(() => {
    const embedded = (sequence: Int32Array) => {
      const one = createBatch([sequence]);
      const x = encoder.embed(one);
      one.dispose();
      return reshape(x, [1, length * hidden]);
    };
    const [from, to] = [embedded(nothing), embedded(ids)];
    const way = sub(to, from);
    const x = add(from, mul(tensor2d([...places], [rows, 1]), way));
    const others = tensor2d(
      Float32Array.from({ length: classes }, (_, c) => (c === label ? -FAR : 0)),
      [1, classes],
    );
    const own = tensor2d(
      Float32Array.from({ length: classes }, (_, c) => Number(c === label)),
      [classes, 1],
    );
    const fixed = tensor2d(
      Float32Array.from({ length: rows * classes }, (_, i) => {
        const c = i % classes;
        return (head.bias[c] ?? 0) + (places[Math.floor(i / classes)] ?? 0) * (beside[c] ?? 0);
      }),
      [rows, classes],
    );
    const weights = tensor2d(head.weights, [head.inputs, classes]);
    let kept: Tensor | undefined;
    const gradient = grad((at) => {
      const flat = reshape(at, [rows * length, hidden]) as Tensor2D;
      const vectors = pool(encoder.run(flat, batch, run), batch);
      const z = div(add(matMul(vectors, weights), fixed), temperature) as Tensor2D;
      kept = keep(z.clone());
      return sum(sub(reshape(matMul(z, own), [rows]), logSumExp(add(z, others), 1)));
    })(x);
    products = sum(reshape(mul(gradient, way), [rows, length, hidden]), 2)
      .dataSync()
      .slice() as typeof products;
    logits = (kept?.dataSync().slice() ?? logits) as typeof logits;
    kept?.dispose();
  });
  batch.dispose();
  return places.map((_, row) => ({
    tokens: products.subarray(row * length, (row + 1) * length),
    ...byClass(logits.subarray(row * classes, (row + 1) * classes), label, temperature),
  }));
}

/** The log-odds of a label, and their derivative by each logit before the temperature. */
function byClass(z: Float32Array, label: number, temperature: number): Pick<Step, "classes" | "odds"> {
  const most = z.reduce(
    (best, one, c) => (c === label ? best : Math.max(best, one)),
    Number.NEGATIVE_INFINITY,
  );
  const shares = z.map((one, c) => (c === label ? 0 : Math.exp(one - most)));
  const total = shares.reduce((a, b) => a + b, 0);
  return {
    classes: shares.map((one, c) => (c === label ? 1 : -one / total) / temperature),
    odds: (z[label] ?? 0) - most - Math.log(total),
  };
}

/** Nodes in 0..1 and their weights (Gauss-Legendre), by Newton's method on the Legendre polynomial. */
function gaussLegendre(n: number): { nodes: number[]; weights: number[] } {
  const found = Array.from({ length: n }, (_, i) => {
    let x = Math.cos((Math.PI * (i + 0.75)) / (n + 0.5));
    let slope = 0;
    for (let turn = 0; turn < 50; turn++) {
      let [before, now] = [1, x];
      for (let k = 2; k <= n; k++) [before, now] = [now, ((2 * k - 1) * x * now - (k - 1) * before) / k];
      slope = (n * (x * now - before)) / (x * x - 1);
      const step = now / slope;
      x -= step;
      if (Math.abs(step) < 1e-15) break;
    }
    return { node: (1 - x) / 2, weight: 1 / ((1 - x * x) * slope * slope) };
  });
  return { nodes: found.map(({ node }) => node), weights: found.map(({ weight }) => weight) };
}
