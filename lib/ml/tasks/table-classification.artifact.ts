import { z } from "zod";
import { floatsOf } from "../arrays";
import { bytesOf, type Manifest, readArtifact, writeArtifact } from "../artifact";
import { tableFeaturesSchema } from "../data/table-features";
import { ACTIVATIONS } from "../linear/dense-network";
import { concatenate } from "../linear/matrix";
import type { TableModel } from "../recipes/table-recipe";

/** Widths from the features to the classes, and what stands between the layers. */
const networkSchema = z.object({ widths: z.array(z.number().int()).min(2), activation: z.enum(ACTIVATIONS) });

/** `table.json`, `network.json`, and `weights.f32`: of each layer the weights [inputs, outputs], then the bias. */
export function writeTableArtifact(
  dir: string,
  model: TableModel,
  facts: Pick<Manifest, "task" | "labels" | "temperature">,
): Promise<string> {
  const { kind, table, layers, activation } = model;
  const widths = [layers[0]?.inputs ?? 0, ...layers.map(({ classes }) => classes)];
  const manifest = { ...facts, recipe: kind, base: null, adapter: null, scope: null };
  return writeArtifact(dir, manifest, {
    "table.json": Buffer.from(JSON.stringify(table)),
    "network.json": Buffer.from(JSON.stringify({ widths, activation })),
    "weights.f32": bytesOf(concatenate(layers.flatMap(({ weights, bias }) => [weights, bias]))),
  });
}

/** Throws when a file was changed or is missing. */
export async function readTableModel(
  dir: string,
): Promise<{ manifest: Manifest; model: Omit<TableModel, "kind">; sizeBytes: number }> {
  const { manifest, files, sizeBytes } = await readArtifact(dir);
  const file = (name: string) => {
    const bytes = files.get(name);
    if (!bytes) throw new Error(`the model in ${dir} lacks ${name}`);
    return bytes;
  };
  const table = tableFeaturesSchema.parse(JSON.parse(file("table.json").toString("utf8")));
  const { widths, activation } = networkSchema.parse(JSON.parse(file("network.json").toString("utf8")));
  const numbers = floatsOf(file("weights.f32"));
  let at = 0;
  const take = (length: number) => {
    at += length;
    return numbers.subarray(at - length, at);
  };
  const layers = widths.slice(1).map((classes, i) => {
    const inputs = widths[i] as number;
    return { inputs, classes, weights: take(inputs * classes), bias: take(classes) };
  });
  return { manifest, model: { table, layers, activation }, sizeBytes };
}
