import { expect, test } from "vitest";
import { reportFixture } from "../workers/report-fixture";
import { modelCard } from "./model-card";

const estimate = { value: 0.9, low: 0.85, high: 0.94 };
const report: typeof reportFixture = {
  ...reportFixture,
  labels: ["refund", "lost *card*"],
  evaluation: {
    ...reportFixture.evaluation,
    kind: "test",
    n: 300,
    accuracy: estimate,
    perClass: [{ label: "lost *card*", precision: 0.5, recall: 0.5, f1: 0.5, support: 20 }],
    confusions: [
      {
        actual: "refund",
        predicted: "lost *card*",
        count: 3,
        rows: [{ line: 7, text: "my secret row", confidence: 1 }],
      },
    ],
  },
  labelIssues: {
    count: 4,
    rows: [{ line: 9, text: "another secret row", given: "refund", suggested: "lost *card*", score: 0.9 }],
  },
  leakage: 2,
  // As the database gives them back: by their names.
  seconds: { evaluate: 0.5, "fine-tune": 190.25, preprocess: 1.5 },
  abstention: [{ accepted: 0.05, threshold: 0.8, coverage: estimate, error: 0.03, errorUpper: 0.045 }],
  scope: { score: "similarity", threshold: 0.4, auroc: 0.91 },
};
const of = { name: "ft:minilm-l6:acme::1", createdAt: new Date("2026-11-01") };
const cost = { is: "charged", price: "EUR 7.5" } as const;
const card = modelCard({ ...of, report }, cost);

test("a model card states use, data, figures with intervals, limits and hashes on one page", () => {
  for (const title of ["Intended use", "Data", "Figures", "Limits", "Training", "Identity"])
    expect(card).toContain(`## ${title}`);
  expect(card).toContain("90.0 % (95 % interval 85.0 % to 94.0 %)");
  expect(card).toContain("2 of the measured rows");
  expect(card).toContain("AUROC 0.910.");
  expect(card.split("\n").length).toBeLessThan(60);
  expect(card).toContain("`GET /v1/models/ft:minilm-l6:acme::1/report`");
  expect(card).not.toContain("A model labelled");
  const rows = { ...report.rows, taughtOnly: 7 };
  expect(modelCard({ ...of, report: { ...report, rows } }, cost)).toContain(
    "A model labelled 7 of those: they taught, and nothing was measured on them.",
  );
});

test("the card of a tuned model says what its adapter is right on at each strength", () => {
  const tried = [
    { rank: 8, strength: 1, ngrams: 0, value: 0.7, chosen: false },
    { rank: 8, strength: 1, ngrams: 0.5, value: 0.91, chosen: false },
    { rank: 8, strength: 0.75, ngrams: 0.5, value: 0.925, chosen: true },
    { rank: 4, strength: 0.5, ngrams: 0.5, value: 0.6, chosen: false },
    { rank: 8, strength: 0.5, ngrams: 0.5, value: 0.9, chosen: false },
  ];
  const [scores, effective] = [{ accuracy: estimate }, {}];
  const compared = [
    {
      recipe: "lora",
      scores,
      seconds: 9,
      chosen: true,
      effective,
      readings: { metric: "accuracy", rows: 400, tried },
    },
  ];
  const tuned = modelCard({ ...of, report: { ...report, compared } }, cost);
  expect(tuned).toContain(
    "Accuracy out of fold on 400 rows by the adapter's strength: 91.0 % at 1, 92.5 % at 0.75 (chosen), 90.0 % at 0.5.",
  );
  expect(card).not.toContain("strength");
});

test("the card says what is kept of a tuning, and what answering by weights of its own takes", () => {
  const tried = [
    { rank: 8, strength: 1, ngrams: 0, value: 0.86, chosen: false },
    { rank: 8, strength: 1, ngrams: 0.5, value: 0.87, chosen: false },
    { rank: "whole" as const, strength: 1, ngrams: 0.5, value: 0.9, chosen: true },
    { rank: "whole" as const, strength: 0.5, ngrams: 0.5, value: 0.91, chosen: false },
  ];
  const [scores, effective] = [{ accuracy: estimate }, {}];
  const compared = [
    {
      recipe: "full",
      scores,
      seconds: 9,
      chosen: true,
      effective,
      readings: { metric: "accuracy", rows: 400, tried },
    },
  ];
  const ownSession = { bytes: 90_282_696, coldMs: 1240 };
  const whole = modelCard({ ...of, report: { ...report, compared, ownSession } }, cost);
  expect(whole).toContain(
    "Right on 400 rows out of fold by what is kept of the tuning: 87.0 % at rank 8, 90.0 % whole (chosen).",
  );
  expect(whole).toContain("weights of its own (90 MB), opened when the model is asked: 1.2 s to the first");
  expect(card).not.toContain("weights of its own");
});

test("the card of a tuned model has what words alone and the frozen base reach on the same rows", () => {
  const frozen = { recipe: "head", scores: { accuracy: { value: 0.87 } } };
  const by = (recipe: string) => modelCard({ ...of, report: { ...report, recipe, frozen } }, cost);
  expect(by("lora")).toContain("Words alone: 100.0 %. head on the frozen base: 87.0 %.");
  expect(by("head")).not.toContain("frozen");
});

test("a model card says how long the training took and what it cost", () => {
  expect(card).toContain("Time: 3 min 12 s (preprocess 1.5 s, fine-tune 190.25 s, evaluate 0.5 s).");
  const costs = [
    [cost, "Cost: EUR 7.5 before tax."],
    [{ ...cost, is: "due" }, "Cost: EUR 7.5 before tax if the training succeeds; otherwise nothing."],
    [{ ...cost, is: "credited", percent: 50 }, "EUR 7.5 before tax, of which 50 % are credited"],
    [{ is: "free" }, "Cost: nothing, it was free by the plan."],
    [{ is: "no_plan" }, "Cost: nothing, it was ordered without a plan."],
    [{ is: "not_charged" }, "Cost: nothing, for the training did not succeed."],
  ] as const;
  for (const [one, words] of costs) expect(modelCard({ ...of, report }, one)).toContain(words);
});

test("the AUROC of scope stands beside its interval and the rows that it was taken over", () => {
  const measured = { low: 0.88, high: 0.9349, inside: 400, outside: 250, rounds: 2 };
  const withheld = { value: 0.05, low: 0.03, high: 0.07 };
  const scope = { score: "energy", threshold: 0.4, auroc: 0.91, measured, withheld } as const;
  const told = modelCard({ ...of, report: { ...report, scope } }, cost);
  expect(told).toContain(
    "AUROC 0.910 (95 % interval 0.880 to 0.935; 400 rows of taught classes beside 250 of left-out ones, in 2 rounds).",
  );
  expect(told).toContain(
    "taught classes 5.0 % (95 % interval 3.0 % to 7.0 %) are called so too, and withheld",
  );
});

test("no row of the customer's stands in a model card, and no label becomes markup", () => {
  expect(card).not.toContain("secret");
  expect(card).not.toContain("lost *card*");
});

test("the card of a scale says how well levels agree and which are taken for which", () => {
  const levels = {
    levels: [1, 2.5],
    cuts: [1.8],
    n: 100,
    exact: estimate,
    withinOne: estimate,
    kappa: { value: 0.8, low: 0.7, high: 0.9 },
    table: [
      [50, 3],
      [7, 40],
    ],
  };
  const stars = modelCard(
    {
      ...of,
      report: {
        ...reportFixture,
        labels: ["1", "2.5"],
        evaluation: {
          measures: "number",
          kind: "test",
          n: 100,
          pearson: estimate,
          spearman: estimate,
          mae: estimate,
          interval: { promised: 0.9, covered: estimate, meanWidth: 1 },
          levels,
          points: [],
          worst: [],
        },
      },
    },
    cost,
  );
  expect(stars).toContain("which of 2 levels it means");
  expect(stars).toContain("Exactly the level: 90.0 % (95 % interval 85.0 % to 94.0 %).");
  expect(stars).toContain("Quadratic weighted kappa: 0.800 (95 % interval 0.700 to 0.900).");
  expect(stars.indexOf("2.5 is taken for 1: 7 times.")).toBeLessThan(
    stars.indexOf("1 is taken for 2.5: 3 times."),
  );
});

test("a card names the texts that go in together", () => {
  const answers = { ...reportFixture, task: "text-answers" };
  const read = modelCard({ ...of, report: answers }, cost);
  expect(read).toContain("Texts (question, context) go in");
  expect(card).toContain("A text goes in");
});

test("a report from before has a card too", () => {
  expect(modelCard({ ...of, name: "old", report: reportFixture }, cost)).toContain("# Model card: old");
});
