import type { ModelReport } from "@/lib/ml/contract";
import type { LabelsEvaluation } from "@/lib/ml/evaluation";

/** What the training child of the tests does. */
export const SEEDS = {
  ...{ quick: 1, waits: 2, dies: 3, refuses: 4, hangs: 5, offers: 6 },
  ...{ diverges: 7, isKilled: 8, overflows: 9 },
} as const;
/** What it says that it computes with. */
export const FIXTURE_BACKEND = "typed arrays of a test";

const estimate = { value: 1, low: 0.9, high: 1 };
/** The smallest report that the schemas accept. */
export const reportFixture: ModelReport & { evaluation: LabelsEvaluation } = {
  formatVersion: 1,
  task: "text-classification",
  recipe: "lexical",
  base: null,
  rows: { total: 40, train: 40, test: 0 },
  labels: ["x", "y"],
  evaluation: {
    measures: "labels",
    kind: "cross_validated",
    n: 40,
    accuracy: estimate,
    macroF1: estimate,
    perClass: [],
    confusions: [],
    calibration: { ece: null, bins: [] },
    selective: [],
  },
  compared: [],
  leftOut: [],
  choice: "The only recipe.",
  pairedDifference: null,
  floor: { scores: { accuracy: estimate } },
  temperature: 1,
  scope: null,
  refit: true,
  seed: 1,
  backend: "none",
  seconds: {},
  trainedTokens: 400,
  hashes: { rows: "", split: "", artifact: "" },
};
