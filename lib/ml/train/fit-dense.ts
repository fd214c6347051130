// Registers the gradients of the ordinary kernels, which the core package alone does not.
import "@tensorflow/tfjs";
import {
  add,
  matMul,
  mul,
  relu,
  sigmoid,
  type Tensor2D,
  tanh,
  tensor2d,
  type Variable,
} from "@tensorflow/tfjs-core";
import { createVariable } from "../base/variable";
import { type Activation, type DenseNetwork, networkLogits } from "../linear/dense-network";
import { type Dense, takeDenseRows } from "../linear/matrix";
import { generator } from "../linear/svm";
import { decide } from "../report/metrics";
import { logLosses } from "../report/temperature";
import { batchesOf } from "./batches";
import { type Checkpoint, runLoop } from "./loop";
import { type ClassWeights, crossEntropy, weightsOf } from "./losses";

export interface DenseSettings {
  /** Widths of the layers between features and classes. */
  hidden: readonly number[];
  activation: Activation;
  /** Share of a hidden layer's outputs that a step leaves out. */
  dropout: number;
  /** Highest rate of the one-cycle schedule. */
  rate: number;
  decay: number;
  batchSize: number;
  /** At most; ends sooner when held-out rows have not gained for `patience` of them. */
  epochs: number;
  patience: number;
  classWeights: ClassWeights;
  seed: number;
}

export interface DenseRows {
  x: Dense;
  /** Class numbers, one a row. */
  labels: Int32Array;
}

interface FittedDense {
  network: DenseNetwork;
  /** As many as ran. */
  epochs: number;
  /** The one whose weights are returned. */
  bestEpoch: number;
  /** Of these weights. */
  heldLoss: number;
}

interface Hooks {
  signal: AbortSignal;
  checkpoint?: Checkpoint;
  /** After each epoch: loss and share of right answers on the held-out rows, and the mean loss of its steps. */
  onEpoch?(epoch: number, figures: { loss: number; held_loss: number; held_accuracy: number }): void;
}

const ACTIVATE: Record<Activation, (x: Tensor2D) => Tensor2D> = { relu, tanh, sigmoid };

/**
 * Dense layers from scratch: softmax cross-entropy (of two classes that is binary cross-entropy of the difference of
 * their logits) by AdamW with one cycle, dropout (Srivastava et al. 2014), starting from He's uniform weights (2015). The
 * weights of the epoch with the lowest loss on the held-out rows are returned. A fit that goes on from its checkpoint ends
 * with the same bytes. Throws `DivergedError`, and when aborted.
 */
export async function fitDense(
  taught: DenseRows,
  held: DenseRows,
  classes: number,
  settings: DenseSettings,
  hooks: Hooks,
): Promise<FittedDense> {
  const { seed, epochs, batchSize } = settings;
  const widths = [taught.x.columns, ...settings.hidden, classes];
  const random = generator(seed);
  const variables = widths.slice(1).flatMap((outputs, i) => {
    const inputs = widths[i] as number;
    const bound = Math.sqrt(6 / inputs);
    const weights = Float32Array.from({ length: inputs * outputs }, () => (2 * random() - 1) * bound);
    return [createVariable(weights, [inputs, outputs]), createVariable(new Float32Array(outputs), [outputs])];
  });
  const weights = weightsOf(settings.classWeights, taught.labels, classes);
  const lengths = Array.from(taught.labels, () => 1);
  const stopper = stopEarly(variables, settings, held, Math.ceil(taught.labels.length / batchSize), hooks);
  try {
    await runLoop({
      variables,
      scales: variables.map(() => 1),
      batches: (epoch) => batchesOf(lengths, batchSize, seed, epoch),
      loss(rows, step) {
        const { values, columns } = takeDenseRows(taught.x, rows);
        const x = tensor2d(values, [rows.length, columns]);
        const labels = Int32Array.from(rows, (row) => taught.labels[row] as number);
        return () => crossEntropy(forward(variables, x, settings, step), labels, 0, weights);
      },
      epochs,
      rate: settings.rate,
      decay: settings.decay,
      clip: 1,
      signal: hooks.signal,
      ...(hooks.checkpoint && { checkpoint: hooks.checkpoint }),
      saveEvery: 200,
      onStep: (_step, _steps, loss) => stopper.note(loss),
      beside: stopper.state,
      isEnough: stopper.isEnough,
    });
    return stopper.best();
  } finally {
    for (const one of variables) one.dispose();
  }
}

function forward(
  variables: readonly Variable[],
  x: Tensor2D,
  { activation, dropout, seed }: DenseSettings,
  step: number,
): Tensor2D {
  const random = generator(seed * 7919 + step + 1);
  let top = x;
  for (let at = 0; at < variables.length; at += 2) {
    if (at > 0) {
      top = ACTIVATE[activation](top);
      if (dropout > 0) top = mul(top, mask(top.shape, dropout, random));
    }
    top = add(matMul(top, variables[at] as Variable as Tensor2D), variables[at + 1] as Variable);
  }
  return top;
}

function mask(shape: [number, number], dropout: number, random: () => number): Tensor2D {
  const kept = 1 / (1 - dropout);
  return tensor2d(
    Float32Array.from({ length: shape[0] * shape[1] }, () => (random() < dropout ? 0 : kept)),
    shape,
  );
}

const networkOf = (arrays: readonly Float32Array[], activation: Activation): DenseNetwork => ({
  activation,
  layers: Array.from({ length: arrays.length / 2 }, (_, i) => {
    const [weights, bias] = arrays.slice(2 * i, 2 * i + 2) as [Float32Array, Float32Array];
    return { inputs: weights.length / bias.length, classes: bias.length, weights, bias };
  }),
});

/**
 * Judges the weights after each epoch on the held-out rows and keeps the best. All that it knows is arrays that go into
 * the checkpoint, and a step that was judged is not judged again.
 */
function stopEarly(
  variables: readonly Variable[],
  { activation, patience }: DenseSettings,
  held: DenseRows,
  stepsPerEpoch: number,
  { onEpoch }: Hooks,
) {
  const best = variables.map((one) => one.dataSync().slice() as Float32Array);
  /** Lowest loss, its epoch, and the last epoch that was judged. */
  const facts = Float32Array.of(Number.POSITIVE_INFINITY, 0, 0);
  let losses: number[] = [];
  const isOver = (epoch: number) => epoch - (facts[1] as number) >= patience;
  return {
    state: [...best, facts],
    note: (loss: number) => void losses.push(loss),
    isEnough(step: number): boolean {
      const epoch = Math.floor(step / stepsPerEpoch);
      if (step % stepsPerEpoch !== 0 || epoch <= (facts[2] as number)) return isOver(epoch);
      const own = variables.map((one) => one.dataSync() as Float32Array);
      const { loss, accuracy } = judge(networkOf(own, activation), held);
      facts[2] = epoch;
      if (Math.fround(loss) < (facts[0] as number)) {
        facts[0] = loss;
        facts[1] = epoch;
        for (const [i, values] of own.entries()) best[i]?.set(values);
      }
      const mean = losses.reduce((sum, one) => sum + one, 0) / Math.max(1, losses.length);
      losses = [];
      onEpoch?.(epoch, { loss: mean, held_loss: loss, held_accuracy: accuracy });
      return isOver(epoch);
    },
    best: () => ({
      network: networkOf(best, activation),
      epochs: facts[2] as number,
      bestEpoch: facts[1] as number,
      heldLoss: facts[0] as number,
    }),
  };
}

function judge(network: DenseNetwork, { x, labels }: DenseRows): { loss: number; accuracy: number } {
  const logits = networkLogits(network, x);
  const classes = logits.length / labels.length;
  const { predicted } = decide(logits, classes);
  const loss = logLosses(logits, labels, classes, 1).reduce((sum, one) => sum + one, 0);
  const right = labels.reduce((sum, label, row) => sum + Number(label === predicted[row]), 0);
  return { loss: loss / labels.length, accuracy: right / labels.length };
}
