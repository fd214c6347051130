import { dispose, type Scalar, tensor, tidy, type Variable, variableGrads } from "@tensorflow/tfjs-core";
import { clipByNorm, createAdam, oneCycle, stepAdam } from "./adamw";
import { packSnapshot, unpackSnapshot } from "./checkpoint";
import { DivergedError } from "./diverged";

/** Once more at a quarter of the rate when the loss is no number any more; then it is given up. */
export const orSlower = <S extends { rate: number }, T>(
  settings: S,
  attempt: (settings: S) => Promise<T>,
): Promise<T> =>
  attempt(settings).catch((error: unknown) => {
    if (!(error instanceof DivergedError)) throw error;
    return attempt({ ...settings, rate: settings.rate / 4 });
  });

/** What a tuning's steps are, beside what they tune. */
export interface TuningSteps {
  epochs: number;
  batchSize: number;
  /** Highest rate of the adapter, or of the encoder's own weights. */
  rate: number;
  /** The head's rate as a multiple of that. */
  headRate: number;
  decay: number;
  clip: number;
}

/** Where an interrupted fit goes on from. Saving is atomic; loading gives the last whole state or null. */
export interface Checkpoint {
  save(state: Uint8Array): Promise<void>;
  load(): Promise<Uint8Array | null>;
}
export interface LoopOptions {
  variables: readonly Variable[];
  /** Multiplies the rate of each variable. */
  scales: readonly number[];
  /** Row numbers of each batch of an epoch; must depend on the epoch alone. */
  batches(epoch: number): readonly (readonly number[])[];
  /** A batch in parts that fit into memory; their losses count by their rows. Absent: whole. */
  parts?(rows: readonly number[]): readonly (readonly number[])[];
  /**
   * The mean loss of a part of a step's batch; called inside a tidy. What it gives back is differentiated: what is
   * computed before that is no part of the gradient, nor held for it.
   */
  loss(rows: readonly number[], step: number, part: number): () => Scalar;
  epochs: number;
  /** Highest rate of the one-cycle schedule. */
  rate: number;
  decay: number;
  /** Longest gradient. */
  clip: number;
  signal: AbortSignal;
  checkpoint?: Checkpoint;
  /** Steps between two checkpoints. */
  saveEvery?: number;
  /** The caller's own state, which a checkpoint holds beside the loop's; filled in place by one that is loaded. */
  beside?: readonly Float32Array[];
  /** Asked before each step and after the last whether the fit may end; after an interruption of the same step again. */
  isEnough?(step: number): boolean;
  onStep?(step: number, steps: number, loss: number): void;
}

/**
 * Trains variables in place by AdamW with warm-up, decay and clipping. The same variables, batches and backend give
 * the same numbers bit for bit, whether the run was interrupted or not. Throws `DivergedError`, and when aborted.
 */
export async function runLoop(options: LoopOptions): Promise<{ steps: number; losses: number[] }> {
  const { variables, scales, epochs, signal, beside = [] } = options;
  const plan = Array.from({ length: epochs }, (_, epoch) => options.batches(epoch)).flat();
  const values = variables.map((one) => one.dataSync().slice() as Float32Array);
  const adam = createAdam(values.map((array) => array.length));
  const saved = await options.checkpoint?.load();
  if (saved) {
    const { step, arrays } = unpackSnapshot(saved);
    const all = [...values, ...adam.first, ...adam.second, ...beside];
    if (arrays.length !== all.length) throw new Error("the checkpoint is of another fit");
    for (const [i, array] of arrays.entries()) all[i]?.set(array);
    adam.step = step;
    write(variables, values);
  }
  let savedAt = adam.step;
  const save = async () => {
    if (!options.checkpoint || savedAt === adam.step) return;
    savedAt = adam.step;
    await options.checkpoint.save(
      packSnapshot({ step: adam.step, arrays: [...values, ...adam.first, ...adam.second, ...beside] }),
    );
  };
  const losses: number[] = [];
  while (!options.isEnough?.(adam.step) && adam.step < plan.length) {
    // Whoever stops it in order loses no step.
    if (signal.aborted) await save();
    signal.throwIfAborted();
    const step = adam.step;
    const rows = plan[step] ?? [];
    const { loss, gradients } = differentiate(variables, options.parts?.(rows) ?? [rows], (own, part) =>
      options.loss(own, step, part),
    );
    if (!Number.isFinite(loss)) throw new DivergedError(`the loss became ${loss} at step ${step + 1}`);
    // After the last step no loss would tell.
    const slope = clipByNorm(gradients, options.clip);
    if (!Number.isFinite(slope)) throw new DivergedError(`the gradient became ${slope} at step ${step + 1}`);
    const rate = oneCycle(step, plan.length, options.rate);
    stepAdam(adam, values, gradients, scales, { rate, decay: options.decay });
    write(variables, values);
    losses.push(loss);
    options.onStep?.(adam.step, plan.length, loss);
    if (adam.step % (options.saveEvery ?? 50) === 0) await save();
    // Heartbeats and a request to stop come in between two steps.
    await new Promise((done) => setImmediate(done));
  }
  // An attempt that comes after this fit goes past it at once.
  await save();
  return { steps: adam.step, losses };
}

function write(variables: readonly Variable[], values: readonly Float32Array[]): void {
  for (const [i, one] of variables.entries()) {
    const next = tensor(values[i] as Float32Array, one.shape);
    one.assign(next);
    dispose(next);
  }
}

function differentiate(
  variables: readonly Variable[],
  parts: readonly (readonly number[])[],
  lossOf: (rows: readonly number[], part: number) => () => Scalar,
) {
  const total = parts.reduce((sum, rows) => sum + rows.length, 0);
  // Arrays stay outside of `tidy`: returning large ones through it costs fifty times as much.
  const gradients: Float32Array[] = [];
  let loss = 0;
  for (const [part, rows] of parts.entries())
    tidy(() => {
      const share = rows.length / total;
      const found = variableGrads(lossOf(rows, part), [...variables]);
      loss += share * (found.value.dataSync()[0] as number);
      for (const [i, one] of variables.entries()) {
        const gradient = found.grads[one.name];
        if (!gradient) throw new Error(`the loss does not depend on ${one.name}`);
        const own = gradient.dataSync() as Float32Array;
        const sum = gradients[i];
        if (!sum) gradients[i] = share === 1 ? own.slice() : own.map((value) => share * value);
        else
          for (let at = 0; at < sum.length; at++) sum[at] = (sum[at] as number) + share * (own[at] as number);
      }
    });
  return { loss, gradients };
}
