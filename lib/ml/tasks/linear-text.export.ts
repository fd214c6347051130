import type { ZodType } from "zod";
import { unpackNgrams } from "../linear/ngram-block";
import { answerHere, ODD_TEXTS, writeParity } from "../portable/parity";
import { writeJson, writeTextExport } from "../portable/text-export";
import { openTextFolder } from "../portable/text-folder";
import type { ExportOrder, Parity } from "../task";
import type { LinearTask } from "./linear-text";
import { readLinear } from "./linear-text.artifact";
import { openExportedLinear } from "./linear-text.exported";
import { openLinear, recipeOf } from "./linear-text.predict";

/**
 * Writes a model that is linear in its texts as files that run without the platform: its graph, the same weights as
 * safetensors, and what training settled as `settings.json`. Equal models give equal files. Throws when the graph's
 * answers are not the platform's.
 */
export async function exportLinear<Input, Target, Output, Settings>(
  task: LinearTask<Input, Target, Output, Settings>,
  schema: ZodType<Settings>,
  order: ExportOrder,
): Promise<Parity> {
  const { manifest, file, model, adapter, settings } = await readLinear(order.artifactDir, schema);
  const { parts } = recipeOf(task, manifest);
  const { head, ngrams } = model;
  const graph = { parts, head, ngrams: ngrams && unpackNgrams(ngrams), ending: task.ending(settings) };
  await writeTextExport({ manifest, file, lora: adapter?.lora ?? null, graph }, order);
  await writeJson(order.dir, "settings.json", settings);

  const inputs = task.samples([...ODD_TEXTS, ...order.quoted]);
  const own = await answerHere((dir, bases) => openLinear(task, schema, dir, bases), inputs, order);
  const folder = await openTextFolder(order.dir, order.threads);
  const exported = await openExportedLinear(folder, task);
  const found = await exported.predict(inputs.map(task.texts), Number.MAX_SAFE_INTEGER);
  await folder.close();
  const differences = own.flatMap((one, i) => task.differences(one, found[i]?.output, settings));
  return writeParity(order.dir, inputs.length, differences);
}
