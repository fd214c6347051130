import type { Hyperparameters } from "../contract";
import { readTable, type TableFeatures } from "../data/table-features";
import { type DenseNetwork, networkLogits } from "../linear/dense-network";
import type { TableRow } from "../task";
import type { Checkpoint } from "../train/loop";
import type { LabelRecipe, PreparedLabels } from "./label-recipe";

/** A fitted model of tables: how it reads a row, and the layers on that; the head has one layer. */
export interface TableModel extends DenseNetwork {
  kind: "head" | "dnn";
  table: TableFeatures;
}

/** What a recipe is given. */
export interface TableData {
  rows: readonly TableRow[];
  ordered: Hyperparameters;
  /** Of the rows' content: equal ones are never parted. */
  hashes: readonly string[];
  /** Where a fit goes on from after an interruption; `fit` is all that it depends on. */
  checkpoint(fit: unknown): Checkpoint;
}
export type PreparedTable = PreparedLabels<TableModel>;
export type TableRecipe = LabelRecipe<TableData, PreparedTable>;

/** Logits [rows, classes]: the one way from a row to figures, in training and in serving. */
export const tableLogits = (model: TableModel, rows: readonly TableRow[]): Float32Array =>
  networkLogits(model, readTable(model.table, rows));

export const rowsAt = ({ rows }: Pick<TableData, "rows">, places: readonly number[]): TableRow[] =>
  places.map((place) => rows[place] ?? {});
