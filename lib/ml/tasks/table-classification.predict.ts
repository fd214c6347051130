import { readTable } from "../data/table-features";
import { networkLogits } from "../linear/dense-network";
import { toProbabilities } from "../linear/softmax-head";
import { nearest } from "../report/scope";
import type { Predictor, TableRow } from "../task";
import { readTableModel } from "./table-classification.artifact";
import type { LabelOutput } from "./text-classification";

/** What a row counts as where texts count words. */
export const countCells = (row: TableRow): number =>
  Object.values(row).filter((value) => value !== null).length;

/** Opens a trained classifier of rows: pure arithmetic. Throws when a file was changed. */
export async function openTableModel(dir: string): Promise<Predictor<TableRow, LabelOutput>> {
  const { manifest, model, sizeBytes } = await readTableModel(dir);
  const { labels: names, temperature } = manifest;
  return {
    sizeBytes: sizeBytes * 2,
    before: (inputs) => ({
      requests: inputs.map(() => []),
      tokens: inputs.reduce((sum, row) => sum + countCells(row), 0),
      truncated: inputs.map(() => false),
    }),
    after(inputs, _outputs, { topK }) {
      const logits = networkLogits(model, readTable(model.table, inputs));
      const probabilities = toProbabilities(logits, names.length, temperature);
      return inputs.map((_, i) => {
        const own = probabilities.subarray(i * names.length, (i + 1) * names.length);
        const ranked = nearest(own, Math.max(1, Math.min(topK, names.length)));
        const labels = ranked.map((k) => ({ label: names[k] ?? "", probability: own[k] as number }));
        return { label: labels[0]?.label ?? "", confidence: labels[0]?.probability ?? 0, labels };
      });
    },
  };
}
