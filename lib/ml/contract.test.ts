import { expect, test } from "vitest";
import { reportFixture } from "../../workers/report-fixture";
import { type ModelReport, readReport } from "./contract";

test("a report stored before there were other tasks than labels reads as one of today", () => {
  const estimate = { value: 0.9, low: 0.8, high: 0.95 };
  const { measures: _, ...evaluation } = reportFixture.evaluation;
  const compared = { recipe: "lexical", seconds: 1, chosen: true, effective: {} };
  const early = {
    ...reportFixture,
    evaluation,
    compared: [{ ...compared, accuracy: estimate, macroF1: 0.7 }],
    floor: { accuracy: estimate, macroF1: 0.7 },
  };
  const scores = { accuracy: estimate, macro_f1: { value: 0.7 } };
  const today: ModelReport = { ...reportFixture, compared: [{ ...compared, scores }], floor: { scores } };
  expect(readReport(early)).toEqual(today);
  expect(readReport(today)).toBe(today);
});

test("a report stored when one label a text alone had strengths reads as one of today", () => {
  const reading = { rank: 8, strength: 1, ngrams: 0, chosen: true };
  const compared = { recipe: "lora", scores: {}, seconds: 1, chosen: true, effective: {} };
  const withTried = (readings: object) =>
    ({ ...reportFixture, compared: [compared, { ...compared, readings }] }) as ModelReport;
  const early = withTried({ rows: 400, tried: [{ ...reading, accuracy: 0.9 }] });
  const today = withTried({ metric: "accuracy", rows: 400, tried: [{ ...reading, value: 0.9 }] });
  expect(readReport(early)).toEqual(today);
  expect(readReport(today)).toBe(today);
});
