import { readTable } from "../data/table-features";
import { networkLogits } from "../linear/dense-network";
import { toProbabilities } from "../linear/softmax-head";
import { leaveOutColumns } from "../report/leave-out";
import { nearest } from "../report/scope";
import type { Predictor, TableRow } from "../task";
import { toldByLabel } from "./labels.told";
import { readTableModel } from "./table-classification.artifact";
import type { LabelOutput } from "./text-classification";

/** What a row counts as where texts count words. */
export const countCells = (row: TableRow): number =>
  Object.values(row).filter((value) => value !== null).length;

/** Opens a trained classifier of rows: pure arithmetic. Throws when a file was changed. */
export async function openTableModel(dir: string): Promise<Predictor<TableRow, LabelOutput>> {
  const { manifest, model, sizeBytes } = await readTableModel(dir);
  const { labels: names, temperature } = manifest;
  const logitsOf = (inputs: readonly TableRow[]) => networkLogits(model, readTable(model.table, inputs));
  return {
    sizeBytes: sizeBytes * 2,
    before: (inputs) => ({
      requests: inputs.map(() => []),
      tokens: inputs.reduce((sum, row) => sum + countCells(row), 0),
      truncated: inputs.map(() => false),
    }),
    scoring: {
      ...toldByLabel,
      leaveOut: (row) => leaveOutColumns(model.table, row),
      labels: names,
      scores: (inputs) => logitsOf(inputs).map((z) => z / temperature),
    },
    after(inputs, _outputs, { topK }) {
      const probabilities = toProbabilities(logitsOf(inputs), names.length, temperature);
      return inputs.map((_, i) => {
        const own = probabilities.subarray(i * names.length, (i + 1) * names.length);
        const ranked = nearest(own, Math.max(1, Math.min(topK, names.length)));
        const labels = ranked.map((k) => ({ label: names[k] ?? "", probability: own[k] as number }));
        return { label: labels[0]?.label ?? "", confidence: labels[0]?.probability ?? 0, labels };
      });
    },
  };
}
