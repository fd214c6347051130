import { createHash } from "node:crypto";
import { fitTable, readTable, type TableFeatures } from "../data/table-features";
import type { Activation } from "../linear/dense-network";
import { type DenseRows, type DenseSettings, fitDense } from "../train/fit-dense";
import { orSlower } from "../train/loop";
import { chooseSettings, innerSplit, type Part } from "./choice";
import type { FitOptions } from "./label-recipe";
import { rowsAt, type TableData, type TableModel, type TableRecipe, tableLogits } from "./table-recipe";
import { multiplierOf, orderSteps } from "./tuning-effort";

/** What may be given in code; `auto` is chosen on held-out rows of the first fit, or with many rows what is usual. */
export interface DnnOptions {
  hidden: readonly number[] | "auto";
  dropout: number | "auto";
  /** Highest learning rate. */
  rate: number | "auto";
  activation: Activation;
  classWeights: DenseSettings["classWeights"];
}
const AUTO: DnnOptions = {
  hidden: "auto",
  dropout: "auto",
  rate: "auto",
  activation: "relu",
  classWeights: "even",
};

/** The first of each is where a choice begins; it stays where the others are no better. */
const HIDDEN = [[64, 32], [32], [128, 64]] as const;
const DROPOUTS = [0.2, 0.4];
const RATES = [3e-3, 1e-2];
/** Small batches for few rows, so that an epoch is more than a handful of steps. */
const batchFor = (rows: number) => (rows < 2000 ? 32 : rows < 20_000 ? 64 : 256);
const epochsFor = (rows: number) => (rows < 2000 ? 60 : 30);
/** Of the epochs: so many without a gain on held-out rows end a fit. */
const PATIENCE = 0.2;
/** Beyond, a try costs minutes and what is usual is near enough. */
const MANY_ROWS = 20_000;
/** Steps a second of 64 rows through two hidden layers, forward and back, on two cores. */
const STEPS_A_SECOND = 300;

type Chosen = Pick<DenseSettings, "hidden" | "dropout" | "rate">;

/** Dense layers from scratch over a table's features. */
export const createDnn = (given: Partial<DnnOptions> = {}): TableRecipe => ({
  id: "dnn",
  needs: { base: false, tuning: false },
  isMargin: false,
  estimate: ({ rows, epochs = epochsFor(rows) }) => ({
    seconds: 2 + (0.5 * epochs * rows) / batchFor(rows) / STEPS_A_SECOND,
    bytes: 300e6 + rows * 1600,
  }),
  async prepare(data) {
    const options = { ...AUTO, ...given };
    let chosen: Chosen | null = null;
    let ran = {};
    return {
      async fit(rows, labels, classes, hooks) {
        const table = fitTable(rowsAt(data, rows));
        const whole: Part = { rows, labels };
        // Rows that cannot be parted are held against themselves: then all epochs are run.
        const split = innerSplit(data.hashes, rows, labels, classes, hooks.seed) ?? {
          fit: whole,
          held: whole,
        };
        const attempt: Attempt = { data, table, ...split, classes, options, hooks };
        // Once: a choice among a few settings is far below what the other rows of a fold would change in it.
        chosen ??= await choose(attempt);
        const fitted = await teach(attempt, chosen);
        ran = describeRun(fitted, chosen);
        return { kind: "dnn", table, ...fitted.network } satisfies TableModel;
      },
      logits: (model, rows) => tableLogits(model, rowsAt(data, rows)),
      effective: () => ({
        ...(chosen && { hidden: chosen.hidden.join(" + "), dropout: chosen.dropout }),
        activation: options.activation,
        ...ran,
      }),
    };
  },
});
export const dnn = createDnn();

/** One fit: its rows in two parts, of which the second tells when it is enough. */
interface Attempt {
  data: TableData;
  table: TableFeatures;
  fit: Part;
  held: Part;
  classes: number;
  options: DnnOptions;
  hooks: FitOptions;
}

const read = ({ data, table }: Attempt, { rows, labels }: Part): DenseRows => ({
  x: readTable(table, rowsAt(data, rows)),
  labels,
});

async function teach(attempt: Attempt, chosen: Chosen, isTrial = false) {
  const { data, fit, held, classes, options, hooks } = attempt;
  const usual = { ...chosen, epochs: epochsFor(fit.rows.length), batchSize: batchFor(fit.rows.length) };
  const ordered = orderSteps(usual, data.ordered);
  const epochs = Math.ceil((hooks.effort ?? 1) * ordered.epochs);
  const settings: DenseSettings = {
    ...ordered,
    activation: options.activation,
    classWeights: options.classWeights,
    decay: 0.01,
    epochs,
    patience: Math.max(3, Math.round(PATIENCE * epochs)),
    seed: hooks.seed,
  };
  return orSlower(settings, async (own) => {
    const fitted = await fitDense(read(attempt, fit), read(attempt, held), classes, own, {
      signal: hooks.signal,
      checkpoint: data.checkpoint([isTrial, own, hashOf(data, fit), hashOf(data, held)]),
      onEpoch: (epoch, figures) => !isTrial && hooks.onProgress(epoch / epochs, figures),
    });
    return { ...fitted, settings: own };
  });
}

/** Of a fit, its epochs as many as were run. */
const describeRun = (
  { epochs, bestEpoch, settings: { rate, batchSize, decay } }: Awaited<ReturnType<typeof teach>>,
  chosen: Chosen,
) => ({ epochs, bestEpoch, batchSize, rate, rateMultiplier: multiplierOf(rate, chosen.rate), decay });

/** One setting after the other, each judged by its lowest loss on the rows that also end its fit. */
async function choose(attempt: Attempt): Promise<Chosen> {
  const { hidden, dropout, rate } = attempt.options;
  const first: Chosen = {
    hidden: hidden === "auto" ? HIDDEN[0] : hidden,
    dropout: dropout === "auto" ? (DROPOUTS[0] as number) : dropout,
    rate: rate === "auto" ? (RATES[0] as number) : rate,
  };
  const axes = [
    (best: Chosen) => (hidden === "auto" ? HIDDEN.slice(1).map((one) => ({ ...best, hidden: one })) : []),
    (best: Chosen) => (dropout === "auto" ? DROPOUTS.slice(1).map((one) => ({ ...best, dropout: one })) : []),
    (best: Chosen) => (rate === "auto" ? RATES.slice(1).map((one) => ({ ...best, rate: one })) : []),
  ];
  const isGiven = hidden !== "auto" && dropout !== "auto" && rate !== "auto";
  if (isGiven || attempt.fit.rows.length > MANY_ROWS) return first;
  return chooseSettings(first, axes, async (settings) => (await teach(attempt, settings, true)).heldLoss);
}

/** Which rows a fit is over, for the name of its checkpoint. */
function hashOf({ hashes }: TableData, { rows, labels }: Part): string {
  const hash = createHash("sha256");
  for (const [i, row] of rows.entries()) hash.update(`${hashes[row]} ${labels[i]}\n`);
  return hash.digest("hex");
}
