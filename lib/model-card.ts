import { eq } from "drizzle-orm";
import { jobs } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { type ModelReport, ranksOf, STAGES, strengthsOf } from "./ml/contract";
import { type Estimate, type Evaluation, figuresOf, isShare, type LabelsEvaluation } from "./ml/evaluation";
import type { Model } from "./models";
import { inputNames, taskOf } from "./tasks";
import { costOf, type TrainingCost, timeOf } from "./training-cost";

/** What the training of a model cost, by its job; null where that is not there any more. */
export async function costOfModel({
  tenantId,
  jobId,
}: Pick<Model, "tenantId" | "jobId">): Promise<TrainingCost | null> {
  const job = await forTenant(tenantId, (tx) => tx.one(jobs, eq(jobs.id, jobId)));
  if (!job) return null;
  const { state, priceDecimal: decimal, priceCurrency: currency, lateMinutes } = job;
  return costOf(state, decimal === null ? null : { decimal, currency }, lateMinutes);
}

export const readModelCard = async (model: Model): Promise<string> =>
  modelCard(model, await costOfModel(model));

/**
 * A model card (Mitchell et al. 2019) on one page of Markdown, from the report and what the training cost: whoever may
 * read a model may read it, so no row of the customer's stands in it.
 */
export function modelCard(
  { name, createdAt, report }: Pick<Model, "name" | "createdAt" | "report">,
  cost: TrainingCost | null,
): string {
  return [
    `# Model card: ${name}`,
    `Trained ${createdAt.toISOString().slice(0, 10)} by Graft. Every figure is of rows that the judged model had not seen.`,
    section("Intended use", intendedUse(report)),
    section("Data", dataOf(report)),
    section("Figures", figuresIn(report)),
    section("Limits", limitsOf(report)),
    section("Training", [timeText(report), ...(cost ? [costText(cost)] : [])]),
    section("Identity", identityOf(report)),
    `The whole report as JSON: \`GET /v1/models/${name}/report\`.`,
  ].join("\n\n");
}

const section = (title: string, lines: readonly string[]) =>
  `## ${title}\n\n${lines.map((line) => `- ${line}`).join("\n")}`;
const percent = (value: number) => `${(100 * value).toFixed(1)} %`;
const withInterval = ({ value, low, high }: Estimate) =>
  `${percent(value)} (95 % interval ${percent(low)} to ${percent(high)})`;
/** More would not be a page; the report lists all of them. */
const NAMED = 40;
/** Names are a customer's words: none of them may become markup. */
const plain = (word: string) =>
  word.replaceAll(/\s+/g, " ").replaceAll(/[\\`*[\]<>#|~]|(?<![\p{L}\p{N}])_|_(?![\p{L}\p{N}])/gu, "\\$&");

const ANSWERS: Record<Evaluation["measures"], (report: ModelReport) => string> = {
  labels: ({ labels }) => `one of ${labels.length} labels comes out with its confidence`,
  several_labels: ({ labels }) =>
    `each of ${labels.length} labels comes out with its probability and whether it applies`,
  answers: () => "the piece of a context that answers a question comes out with its confidence",
  spans: ({ labels }) => `pieces of it come out, each with one of ${labels.length} labels and its confidence`,
  number: ({ labels }) =>
    `a number comes out with the interval around it${labels.length > 0 ? ` and which of ${labels.length} levels it means` : ""}`,
};

function whatGoes({ task, columns }: ModelReport): string {
  const texts = inputNames(taskOf(task));
  if (columns) {
    const more = columns.length > NAMED ? ` and ${columns.length - NAMED} more` : "";
    const names = columns.slice(0, NAMED).map(({ name }) => plain(name));
    return `A row of a table (${names.join(", ")}${more}) goes`;
  }
  return texts.length > 1 ? `Texts (${texts.join(", ")}) go` : "A text goes";
}

function intendedUse(report: ModelReport): string[] {
  const { task, labels, evaluation } = report;
  const more = labels.length > NAMED ? ` and ${labels.length - NAMED} more` : "";
  return [
    `Task: ${task}. ${whatGoes(report)} in, ${ANSWERS[evaluation.measures](report)}.`,
    ...(labels.length > 0 ? [`Labels: ${labels.slice(0, NAMED).map(plain).join(", ")}${more}.`] : []),
    "Not intended for rows unlike those that it was taught, nor for decisions about people without a person who checks.",
  ];
}

function dataOf({ rows, evaluation, leakage, labelIssues, refit, columns }: ModelReport): string[] {
  return [
    `${rows.total} accepted rows; the model that answers was fitted on ${rows.train} of them${refit ? ", once more after measuring" : ""}.`,
    ...(rows.taughtOnly === undefined
      ? []
      : [`A model labelled ${rows.taughtOnly} of those: they taught, and nothing was measured on them.`]),
    evaluation.kind === "test"
      ? `Measured on ${evaluation.n} rows that were set apart before training.`
      : `Measured across folds on ${evaluation.n} rows, each by a model that had not seen it.`,
    ...(leakage === undefined || evaluation.kind !== "test"
      ? []
      : [
          `${leakage} of the measured rows ${columns ? "are also training rows" : "have the text of a training row, but for case and punctuation"}.`,
        ]),
    ...(labelIssues ? [`The model doubts the labels of ${labelIssues.count} training rows.`] : []),
  ];
}

/** As the pages call them, in English. */
const METRICS: Record<string, string> = {
  accuracy: "Accuracy",
  macro_f1: "Macro-F1",
  micro_f1: "Micro-F1",
  exact: "All labels right",
  pearson: "Pearson correlation",
  spearman: "Spearman correlation",
  mae: "Mean absolute error",
  exact_level: "Exactly the level",
  within_one_level: "At most one level off",
  weighted_kappa: "Quadratic weighted kappa",
  span_f1: "F1 of whole spans",
  answer_f1: "F1 of the answer's words",
  exact_answer: "Exactly right",
};
const nameOf = (metric: string) => METRICS[metric] ?? metric;
const textOf = (metric: string, value: number) => (isShare(metric) ? percent(value) : value.toFixed(3));

/** @param beside names of other models with their figure on the same rows, where they have one. */
function figureOf(
  metric: string,
  { value, low, high }: Estimate,
  beside: readonly [name: string, value: number | undefined][],
): string {
  const text = (one: number) => textOf(metric, one);
  const others = beside.map(([name, one]) => (one === undefined ? "" : ` ${name}: ${text(one)}.`)).join("");
  return `${nameOf(metric)}: ${text(value)} (95 % interval ${text(low)} to ${text(high)}).${others}`;
}

function figuresIn(report: ModelReport): string[] {
  const { evaluation, floor, frozen, recipe } = report;
  // Beside itself it says nothing.
  const besideFrozen = (metric: string): [string, number | undefined][] =>
    frozen && frozen.recipe !== recipe
      ? [[`${frozen.recipe} on the frozen base`, frozen.scores[metric]?.value]]
      : [];
  return [
    `Recipe: ${recipe}.`,
    ...figuresOf(evaluation).map(([metric, estimate]) =>
      figureOf(metric, estimate, [
        [report.columns ? "Logistic regression" : "Words alone", floor.scores[metric]?.value],
        ...besideFrozen(metric),
      ]),
    ),
    ...strengthFigures(report),
    ...(evaluation.measures === "labels" ? labelFigures(report, evaluation) : []),
    ...(evaluation.measures === "number"
      ? [
          `The interval around an answer is stated to hold the truth in ${percent(evaluation.interval.promised)} of cases; it did so in ${withInterval(evaluation.interval.covered)} of the measured ones.`,
        ]
      : []),
  ];
}

function strengthFigures(report: ModelReport): string[] {
  const strengths = strengthsOf(report);
  if (!strengths) return [];
  const { metric, rows, tried } = strengths;
  const figures = tried.map(
    ({ strength, value, chosen }) => `${textOf(metric, value)} at ${strength}${chosen ? " (chosen)" : ""}`,
  );
  return [`${nameOf(metric)} out of fold on ${rows} rows by the adapter's strength: ${figures.join(", ")}.`];
}

function labelFigures(report: ModelReport, { calibration }: LabelsEvaluation): string[] {
  const { abstention, pairedDifference, learningCurve } = report;
  const ranks = ranksOf(report);
  const promised = abstention?.find(({ accepted }) => accepted >= 0.05);
  return [
    ...(pairedDifference
      ? [`Against the runner-up, out of fold: ${withInterval(pairedDifference)} difference in accuracy.`]
      : []),
    ...(ranks
      ? [
          `Right on ${ranks.rows} rows out of fold by what is kept of the tuning: ${ranks.tried.map(({ rank, value, chosen }) => `${percent(value)} ${rank === "whole" ? "whole" : `at rank ${rank}`}${chosen ? " (chosen)" : ""}`).join(", ")}.`,
        ]
      : []),
    ...(promised
      ? [
          `Answering only from confidence ${promised.threshold.toFixed(3)}: ${withInterval(promised.coverage)} of rows like these are answered, and with 95 % certainty at most ${percent(promised.accepted)} of the answers are wrong (measured ${percent(promised.error)}).`,
        ]
      : []),
    calibration.ece === null
      ? "Calibration error: not enough data (under 200 rows)."
      : `Calibration error (15 bins): ${percent(calibration.ece)}${calibration.before?.ece == null ? "" : `, before temperature scaling ${percent(calibration.before.ece)}`}.`,
    ...(learningCurve?.status === "given"
      ? [
          `With ${learningCurve.twice.rows} training rows ${learningCurve.of ? `\`${learningCurve.of}\`, which is quicker to fit again than this model, would reach` : "it would reach"} about ${percent(learningCurve.twice.accuracy)} (90 % interval ${percent(learningCurve.twice.low)} to ${percent(learningCurve.twice.high)}).`,
        ]
      : []),
  ];
}

function limitsOf({ evaluation, scope, columns }: ModelReport): string[] {
  const weak = ("perClass" in evaluation ? evaluation.perClass : [])
    .filter(({ support }) => support > 0)
    .sort((a, b) => a.f1 - b.f1)
    .slice(0, 5)
    .map(({ label, f1, support }) => `${plain(label)} (F1 ${percent(f1)}, ${support} rows)`);
  return [
    ...(weak.length > 0 ? [`Weakest classes: ${weak.join(", ")}.`] : []),
    ...confusionsIn(evaluation)
      .slice(0, 5)
      .map(
        ({ actual, predicted, count }) =>
          `${plain(actual)} is taken for ${plain(predicted)}: ${count} times.`,
      ),
    ...(columns ? [] : [scopeLimit(scope)]),
    "The figures hold for rows like the measured ones; what changes over time needs measuring again.",
  ];
}

function scopeLimit(scope: ModelReport["scope"]): string {
  if (!scope) return "It does not tell texts that are out of scope.";
  const { score, threshold, auroc, measured, withheld } = scope;
  const over = measured
    ? ` (95 % interval ${measured.low.toFixed(3)} to ${measured.high.toFixed(3)}; ${measured.inside} rows of taught classes beside ${measured.outside} of left-out ones, in ${measured.rounds} round${measured.rounds === 1 ? "" : "s"})`
    : "";
  const own = withheld
    ? ` Of unseen rows of taught classes ${withInterval(withheld)} are called so too, and withheld where a caller asks to abstain.`
    : "";
  return `A text is called out of scope by ${score} below ${threshold.toFixed(3)}; with classes left out of training it told them apart with AUROC ${auroc.toFixed(3)}${over}.${own}`;
}

function timeText(report: ModelReport): string {
  const { minutes, seconds } = timeOf(report);
  const stages = STAGES.flatMap((stage) => {
    const taken = report.seconds[stage];
    return taken === undefined ? [] : `${stage} ${taken} s`;
  });
  return `Time: ${minutes > 0 ? `${minutes} min ` : ""}${seconds} s${stages.length > 0 ? ` (${stages.join(", ")})` : ""}.`;
}

function costText(cost: TrainingCost): string {
  switch (cost.is) {
    case "charged":
      return `Cost: ${cost.price} before tax.`;
    case "credited":
      return `Cost: ${cost.price} before tax, of which ${cost.percent} % are credited because it was late.`;
    case "due":
      return `Cost: ${cost.price} before tax if the training succeeds; otherwise nothing.`;
    case "free":
      return "Cost: nothing, it was free by the plan.";
    case "no_plan":
      return "Cost: nothing, it was ordered without a plan.";
    case "not_charged":
      return "Cost: nothing, for the training did not succeed.";
  }
}

/** The most frequent first. */
function confusionsIn(evaluation: Evaluation): { actual: string; predicted: string; count: number }[] {
  if (evaluation.measures === "labels") return evaluation.confusions;
  if (evaluation.measures !== "number" || !evaluation.levels) return [];
  const { levels, table } = evaluation.levels;
  const pairs = table.flatMap((counts, t) =>
    counts.map((count, p) => ({ actual: String(levels[t]), predicted: String(levels[p]), count })),
  );
  return pairs
    .filter(({ actual, predicted, count }) => actual !== predicted && count > 0)
    .sort((a, b) => b.count - a.count);
}

const identityOf = ({
  base,
  precision,
  ownSession,
  importedAdapter,
  seed,
  backend,
  temperature,
  hashes,
}: ModelReport): string[] => [
  `Base: ${base ? `${base.id}, SHA-256 \`${base.sha256}\`` : "none"}.`,
  ...(precision?.measured
    ? [
        `The base answers in ${precision.answers}: accuracy ${precision.measured.int8.toFixed(3)} in int8, ${precision.measured.float32.toFixed(3)} in float32, on the same ${precision.measured.rows} test rows.`,
      ]
    : []),
  ...(ownSession
    ? [
        `The base was tuned whole and answers by weights of its own (${(ownSession.bytes / 1e6).toFixed(0)} MB), opened when the model is asked: ${(ownSession.coldMs / 1000).toFixed(1)} s to the first answer where it was trained. No adapter holds all of that, so it is exported without one.`,
      ]
    : []),
  ...(importedAdapter
    ? [`Adapter brought along: rank ${importedAdapter.rank}, SHA-256 \`${importedAdapter.sha256}\`.`]
    : []),
  `Model SHA-256: \`${hashes.artifact}\`.`,
  `Rows SHA-256: \`${hashes.rows}\`; split SHA-256: \`${hashes.split}\`.`,
  `Seed ${seed}${temperature === undefined ? "" : `, temperature ${temperature.toFixed(3)}`}, computed by ${backend}.`,
];
