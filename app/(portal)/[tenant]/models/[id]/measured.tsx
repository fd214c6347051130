import type { ComponentProps, ReactNode } from "react";
import { type ModelReport, strengthsOf } from "@/lib/ml/contract";
import { type LabelsEvaluation, withoutTexts } from "@/lib/ml/evaluation";
import { Confusions } from "./confusions";
import { FarRows } from "./far-rows";
import { Headline } from "./headline";
import { LabelIssues } from "./label-issues";
import { LearningCurve } from "./learning-curve";
import { LevelTable } from "./level-table";
import { PerClass } from "./per-class";
import { Reliability } from "./reliability";
import { Scatter } from "./scatter";
import { StrengthCurve } from "./strength-curve";
import { WrongAnswers } from "./wrong-answers";
import { WrongLabels } from "./wrong-labels";
import { WrongSpans } from "./wrong-spans";

/** What a page says around the figures: before them, beside the choice of recipe, below. */
export interface Around {
  first: ReactNode;
  beside: ReactNode;
  below: ReactNode;
}

/** What the page knows beside the report about its likely label errors. */
type Issues = Omit<ComponentProps<typeof LabelIssues>, "issues" | "labels">;

/** By what was measured. The rows of a report are shown to those alone who may read the files. */
export function aroundFigures(report: ModelReport, mayReadRows: boolean, issues: Issues): Around {
  const { below, ...around } = aroundMeasured(report, mayReadRows, issues);
  const strengths = strengthsOf(report);
  return {
    ...around,
    below: (
      <>
        {strengths && <StrengthCurve strengths={strengths} />}
        {below}
      </>
    ),
  };
}

function aroundMeasured(report: ModelReport, mayReadRows: boolean, issues: Issues): Around {
  const { evaluation } = report;
  switch (evaluation.measures) {
    case "labels":
      return aroundLabels(report, evaluation, mayReadRows, issues);
    case "several_labels":
      return {
        first: null,
        beside: mayReadRows && <WrongLabels rows={evaluation.worst} />,
        below: <PerClass rows={evaluation.perClass} />,
      };
    case "answers":
      return { first: null, beside: null, below: mayReadRows && <WrongAnswers rows={evaluation.worst} /> };
    case "spans":
      return {
        first: null,
        beside: <Reliability calibration={evaluation.calibration} />,
        below: (
          <>
            <PerClass rows={evaluation.perClass} of="spans" />
            {mayReadRows && <WrongSpans rows={evaluation.worst} />}
          </>
        ),
      };
    case "number":
      return {
        first: null,
        beside: <Scatter evaluation={evaluation} />,
        below: (
          <>
            {evaluation.levels && <LevelTable evaluation={evaluation.levels} measured={evaluation.n} />}
            {mayReadRows && <FarRows rows={evaluation.worst} />}
          </>
        ),
      };
  }
}

function aroundLabels(
  report: ModelReport,
  evaluation: LabelsEvaluation,
  mayReadRows: boolean,
  issues: Issues,
): Around {
  const { confusions } = mayReadRows ? evaluation : withoutTexts(evaluation);
  return {
    first: (
      <Headline
        selective={evaluation.selective}
        abstention={report.abstention}
        accuracy={evaluation.accuracy.value}
        foreign={report.scope?.withheld}
      />
    ),
    beside: <Reliability calibration={evaluation.calibration} />,
    below: (
      <>
        {report.learningCurve && <LearningCurve curve={report.learningCurve} />}
        <PerClass rows={evaluation.perClass} />
        <Confusions
          confusions={confusions}
          labels={report.labels}
          perClass={evaluation.perClass}
          pairs={evaluation.confusionPairs}
        />
        {report.labelIssues && mayReadRows && (
          <LabelIssues issues={report.labelIssues} labels={report.labels} {...issues} />
        )}
      </>
    ),
  };
}
