import { openBackend } from "../backend";
import { describeRow } from "../data/cells";
import { describeColumns } from "../data/table-features";
import { dnn } from "../recipes/dnn";
import { tableHead } from "../recipes/table-head";
import type { PreparedTable, TableData, TableModel, TableRecipe } from "../recipes/table-recipe";
import { pairedDifference } from "../report/metrics";
import type { Engine, Run, TableRow, TrainOrder } from "../task";
import { checkpointName, fileCheckpoint } from "../train/checkpoint";
import { chooseRecipe } from "./choose-recipe";
import { createClock } from "./clock";
import type { Candidate } from "./labels.compare";
import { compareLabels } from "./labels.comparison";
import { concludeLabels, type LabelsResult } from "./labels.conclude";
import { planRows, sayPlan } from "./labels.rows";
import { pickRecipes } from "./pick-recipes";
import { writeTableArtifact } from "./table-classification.artifact";
import { countCells, openTableModel } from "./table-classification.predict";
import type { LabelOutput } from "./text-classification";

const TASK = "table-classification";
/** Cheapest first. */
const RECIPES: readonly [TableRecipe, ...TableRecipe[]] = [tableHead, dnn];
type TableCandidate = Candidate<TableRecipe, PreparedTable>;

export const engine = { recipes: RECIPES, train, open: openTableModel } satisfies Engine<
  TableRow,
  string,
  LabelOutput
>;

/** The better one out of fold, or the cheaper where that is no difference. */
const choose = (candidates: readonly TableCandidate[]) =>
  chooseRecipe(candidates, (one, other) => pairedDifference(one.isRight, other.isRight));

async function train(order: TrainOrder, run: Run): Promise<LabelsResult> {
  const clock = createClock();
  run.stage("preprocess", "running");
  const backend = await openBackend({ threads: run.threads });
  const { recipes } = pickRecipes(order, RECIPES, backend.canTune);
  const { inputs, ...read } = await planRows<TableRow>(order, describeRow);
  const plan = { ...read, isTable: true as const };
  const { names, rows } = plan;
  sayPlan(plan, run);
  run.stage("preprocess", "done");
  clock("preprocess");
  run.stage("augment", "skipped", "these recipes learn from the rows as they are");
  run.stage("base", "skipped", "a table is read without a pretrained base");

  run.stage("fine-tune", "running");
  const cells = Object.keys(inputs[0] ?? {}).length;
  const compared = compareLabels<TableData, PreparedTable, TableRecipe>(order, recipes, plan, run, {
    known: RECIPES,
    profile: {
      rows: inputs.length,
      classes: names.length,
      meanTokens: cells,
      epochs: order.hyperparameters?.epochs,
    },
    choose,
  });
  const data: TableData = {
    rows: inputs,
    hashes: rows.hashes,
    ordered: order.hyperparameters ?? {},
    checkpoint: (fit) =>
      fileCheckpoint(run.checkpointDir, checkpointName("dnn", [fit, order.rowsSha256]), run.log),
  };
  for (const recipe of compared.recipes) await compared.add(recipe, data);
  run.stage("fine-tune", "done");
  clock("fine-tune");

  run.stage("evaluate", "running");
  const result = await concludeLabels<TableModel, TableCandidate>(compared, plan, order, run, {
    dir: run.dir,
    task: TASK,
    seconds: clock.seconds,
    choose,
    async write(dir, { temperature }, model, taught) {
      const own = {
        base: null,
        columns: describeColumns(model.table),
        backend: backend.label,
        trainedTokens: taught.reduce((sum, row) => sum + countCells(inputs[row] ?? {}), 0),
      };
      return {
        sha256: await writeTableArtifact(dir, model, { task: TASK, labels: names, temperature }),
        own,
      };
    },
  });
  const { accuracy, macroF1 } = result.report.evaluation;
  run.progress("evaluate", 1, 1, { accuracy: accuracy.value, macro_f1: macroF1.value });
  run.stage("evaluate", "done");
  clock("evaluate");
  return { ...result, report: { ...result.report, seconds: clock.seconds } };
}
