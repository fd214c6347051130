import { expect, test } from "vitest";
import type { AppraisalReport } from "./ml/appraisal";
import {
  basisOf,
  labellingProposal,
  type ProposalBasis,
  rowsToReach,
  trainingProposal,
} from "./quote-proposals";

const curve = [
  { rows: 500, accuracy: 0.8, macro_f1: 0.7 },
  { rows: 1000, accuracy: 0.86, macro_f1: 0.78 },
  { rows: 4000, accuracy: 0.9, macro_f1: 0.84 },
];
const basis = (more: Partial<ProposalBasis> = {}): ProposalBasis => ({
  sample: { id: "dsv_1", name: "Letters", rows: 500 },
  lacking: 0,
  curve,
  training: [
    { rows: 500, p50Seconds: 300, p90Seconds: 600 },
    { rows: 1000, p50Seconds: 600, p90Seconds: 1200 },
  ],
  rates: {
    compute: { unitDecimal: "40", validFrom: "2026-01-01" },
    labelling: { unitDecimal: "0.35", validFrom: "2026-01-01" },
  },
  ...more,
});
const aim = (threshold: number, metric: "accuracy" | "macro_f1" | "recall" = "accuracy", maxRuns = 3) => ({
  ...{ metric, threshold, maxRuns },
});

test("rows to a score are read between the points of the curve, and there are none beyond its end", () => {
  expect(rowsToReach(curve, "accuracy", 0.8)).toBe(500);
  expect(rowsToReach(curve, "accuracy", 0.83)).toBe(Math.ceil(500 * Math.SQRT2));
  expect(rowsToReach(curve, "accuracy", 0.9)).toBe(4000);
  expect(rowsToReach(curve, "macro_f1", 0.9)).toBeNull();
  expect(rowsToReach([], "accuracy", 0.5)).toBeNull();
});

test("what is labelled is what the highest aim or the rare classes lack, at the card's price", () => {
  expect(labellingProposal(basis(), [aim(0.82), aim(0.86)])).toMatchObject({
    rows: 500,
    needed: { metric: "accuracy", threshold: 0.86, rows: 1000 },
    rate: { unitDecimal: "0.35" },
  });
  expect(labellingProposal(basis({ lacking: 700 }), [aim(0.86)])).toMatchObject({ rows: 700, lacking: 700 });
  expect(labellingProposal(basis({ lacking: 40 }), [])).toMatchObject({ rows: 40, needed: null });
});

test("nothing is proposed to label where nothing is missing or nobody set a price, and what rows cannot reach is said", () => {
  expect(labellingProposal(basis(), [aim(0.8)])).toBeNull();
  expect(labellingProposal(basis(), [aim(0.99, "recall")])).toBeNull();
  const { compute } = basis().rates;
  expect(labellingProposal(basis({ lacking: 9, rates: { compute, labelling: null } }), [])).toBeNull();
  expect(labellingProposal(basis(), [aim(0.95)])).toMatchObject({
    rows: 0,
    beyond: { threshold: 0.95, rows: 4000 },
  });
});

test("a training costs its time of nine in ten by the hour's price, for every run that is agreed", () => {
  const of = (more: Partial<ProposalBasis>, aims = [aim(0.86)], labelled = 0) =>
    trainingProposal(basis(more), { aims, labelled, currency: "EUR" });
  expect(of({})).toMatchObject({ runs: 3, p50Minutes: 5, p90Minutes: 10, unit: "6.67", p50Unit: "3.33" });
  // More rows take longer.
  expect(of({}, [aim(0.86, "accuracy", 5)], 500)).toMatchObject({ runs: 5, rows: 1000, unit: "13.33" });
  expect(of({}, [])).toMatchObject({ runs: 1 });
  expect(of({ training: [] })).toBeNull();
  expect(of({ rates: { compute: null, labelling: null } })).toBeNull();
});

test("a sample without a probe has no curve, and what its classes lack counts all the same", () => {
  const report = {
    probe: null,
    findings: [{ code: "class_rare", severity: "warning", values: { missing: 33 } }],
    training: [],
  } as unknown as AppraisalReport;
  const read = basisOf(basis().sample, report, basis().rates);
  expect(read).toMatchObject({ lacking: 33, curve: [] });
  expect(labellingProposal(read, [aim(0.9)])).toMatchObject({ rows: 33, needed: null, beyond: null });
});
