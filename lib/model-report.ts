import { type ModelReport, modelReportSchema, settingsSchema } from "./ml/contract";
import { withoutTexts } from "./ml/evaluation";
import type { Model } from "./models";
import { snakeCased } from "./snake-case";
import { unix } from "./unix";

/** The whole report of a model, as the API writes it; its rows for those alone who may read the files. */
export function reportToWire({ name, createdAt, report }: Model, mayReadRows: boolean) {
  const shown = mayReadRows ? report : withoutRows(report);
  return {
    object: "model.report" as const,
    model: name,
    created: unix(createdAt),
    has_texts: mayReadRows,
    ...(snakeCased(modelReportSchema, shown, [settingsSchema]) as Record<string, unknown>),
  };
}

/** Every figure, and no text of a row. */
export const withoutRows = (report: ModelReport): ModelReport => ({
  ...report,
  evaluation: withoutTexts(report.evaluation),
  ...(report.labelIssues ? { labelIssues: { ...report.labelIssues, rows: [] } } : {}),
});
