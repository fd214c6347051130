import { statSync } from "node:fs";
import { join } from "node:path";
import { createLora } from "../../lib/ml/base/lora-shape";
import { embedChanged, embedTuned } from "../../lib/ml/base/tuned-vectors";
import { strongestOf } from "../../lib/ml/base/whole-shape";
import { fromRows } from "../../lib/ml/linear/matrix";
import { denseLogits, fitSoftmaxHead, type LinearHead } from "../../lib/ml/linear/softmax-head";
import { decide } from "../../lib/ml/report/metrics";
import { type TuneSettings, tuneLora, tuneWhole } from "../../lib/ml/train/tune-encoder";
import { baseDir, draws, embedOnDisk, openTunable, report } from "../peer";
import { loadSplit } from "../sets";
import { draw, openTrials } from "../trial";

/**
 * A5: a low-rank adapter on query and value beside tuning all linear matrices above the embeddings, the same base,
 * rows, epochs and batches; of each tuning the better of two rates. Beside: the whole tuning as it is served, as a
 * difference of rank 8 in every matrix. Run: `npm run bench -- engine whole`.
 */
const NAME = "whole";
const SEEDS = [1, 2, 3];
const SHAPE = { rank: 8, alpha: 16, targets: ["query", "value"], fromLayer: 0 } as const;
/** Highest rates, and the head's as a multiple of them: all weights want a lower one than an adapter. */
const LORA_RATES = [1e-3, 2e-3];
const WHOLE_RATES = [1e-4, 3e-4];
const settingsFor = (rate: number, seed: number): TuneSettings => ({
  epochs: 12,
  batchSize: 32,
  rate,
  headRate: 2e-3 / rate,
  decay: 0.01,
  clip: 1,
  contrastive: 0,
  augmentation: { drop: 0.25, swap: 0, synonym: 0 },
  smoothing: 0,
  classWeights: "even",
  seed,
});

await openTrials(NAME);
const { encoder, tokenize } = await openTunable();
const { data, train, test } = loadSplit("banking77");
const classes = data.names.length;
const embeddings = await embedOnDisk(NAME, data.texts);
const sequences = data.texts.map((text) => tokenize(text).ids);
const of = <T>(list: readonly T[], rows: readonly number[]) => rows.map((row) => list[row] as T);
const labelsOf = (rows: readonly number[]) => Int32Array.from(rows, (row) => data.labels[row] as number);
function percentRight(head: LinearHead, vectors: readonly Float32Array[]): number {
  const { predicted } = decide(denseLogits(head, fromRows(vectors)), classes);
  const actual = labelsOf(test);
  return (100 * predicted.filter((label, i) => label === actual[i]).length) / actual.length;
}

const hooks = { signal: new AbortController().signal };
const runs: { seed: number; frozen: number; lora: number[]; whole: number[]; served: number[] }[] = [];
for (const seed of draws(SEEDS)) {
  const drawn = draw(data, 10, seed, { mostTest: 0, from: train }).train;
  const own = { sequences: of(sequences, drawn), labels: labelsOf(drawn) };
  const start = await fitSoftmaxHead(fromRows(of(embeddings, drawn)), own.labels, classes, { c: 10 });
  const lora: number[] = [];
  for (const rate of LORA_RATES) {
    const tuned = await tuneLora(encoder, own, start, { ...settingsFor(rate, seed), lora: SHAPE }, hooks);
    lora.push(percentRight(tuned.head, embedTuned(encoder, of(sequences, test), tuned.lora)));
  }
  const whole: number[] = [];
  const served: number[] = [];
  for (const rate of WHOLE_RATES) {
    const tuned = await tuneWhole(encoder, own, start, settingsFor(rate, seed), hooks);
    whole.push(percentRight(tuned.head, embedChanged(encoder, of(sequences, test), tuned.change)));
    const difference = strongestOf(tuned.change, encoder.config, 8);
    served.push(percentRight(tuned.head, embedTuned(encoder, of(sequences, test), difference)));
  }
  const run = { seed, frozen: percentRight(start, of(embeddings, test)), lora, whole, served };
  console.log(JSON.stringify(run));
  runs.push(run);
}
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
/** The better rate in the mean, for one tuning as for the other. */
const best = (kind: "lora" | "whole" | "served") =>
  Math.max(...[0, 1].map((rate) => mean(runs.map((run) => run[kind][rate] ?? 0))));
const adapter = createLora(encoder.config, SHAPE, 1).pairs.reduce(
  (sum, { a, b }) => sum + a.length + b.length,
  0,
);
const trainable = adapter + (encoder.config.hidden + 1) * classes;
const parameters = statSync(join(baseDir, "model.safetensors")).size / 4;
const [lora, whole] = [best("lora"), best("whole")];
report(
  "engine whole",
  {
    claim: `A5: an adapter beside tuning the whole encoder on Banking77 with 10 rows a class (mean of ${runs.length} draws, frozen head ${mean(runs.map((run) => run.frozen)).toFixed(1)})`,
    measured: `${lora.toFixed(1)} against ${whole.toFixed(1)}, ${(lora - whole).toFixed(1)} points, with ${((100 * trainable) / parameters).toFixed(2)} % of the parameters; the whole tuning as served ${best("served").toFixed(1)}`,
    target: ">= whole - 0.5 with <= 2 % of the parameters",
  },
  { runs, rates: { lora: LORA_RATES, whole: WHOLE_RATES }, trainable },
);
