import { beforeAll, expect, test } from "vitest";
import { openGoldenBackend } from "../golden.fixture";
import { type DenseSettings, fitDense } from "./fit-dense";

beforeAll(() => openGoldenBackend());

const SETTINGS: DenseSettings = {
  hidden: [8],
  activation: "relu",
  dropout: 0,
  rate: 1e-2,
  decay: 0.01,
  batchSize: 10,
  epochs: 4,
  patience: 4,
  classWeights: "even",
  seed: 1,
};
const rows = (labelOf: (value: number) => number) => {
  const values = Float32Array.from({ length: 40 }, (_, row) => (row % 2 ? 1 : -1) * (1 + row / 40));
  return { x: { rows: 40, columns: 1, values }, labels: Int32Array.from(values, labelOf) };
};

test("the epochs that ran are told beside the one whose weights were kept", async () => {
  const signal = new AbortController().signal;
  const taught = rows((value) => Number(value > 0));
  // Held-out rows that say the opposite: what is learnt first is wrong least.
  const opposite = rows((value) => Number(value < 0));
  const fitFor = (epochs: number, patience: number) =>
    fitDense(taught, opposite, 2, { ...SETTINGS, epochs, patience }, { signal });
  expect(await fitFor(4, 4)).toMatchObject({ epochs: 4, bestEpoch: 1 });
  expect(await fitFor(40, 3)).toMatchObject({ epochs: 4, bestEpoch: 1 });
});
