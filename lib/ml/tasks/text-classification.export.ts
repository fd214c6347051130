import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { adapterOf, ngramsOf, wholeOf } from "../artifact";
import { unpackNgrams } from "../linear/ngram-block";
import { answerHere, labelDifferences, ODD_TEXTS, writeParity } from "../portable/parity";
import { writeJson, writeTextExport } from "../portable/text-export";
import { openTextFolder } from "../portable/text-folder";
import type { ExportOrder, Parity } from "../task";
import { type ExportedThresholds, openClassifier } from "./text-classification.exported";
import { type Opened, openTextModel, readTextModel, rowsOf } from "./text-classification.predict";

/** Taught rows that parity is measured on, beside the odd texts. */
const PARITY_ROWS = 128;

/**
 * Writes a trained text classifier as files that run without the platform: the graph from token ids and n-grams to
 * calibrated probabilities with the adapter merged into the weights, the same weights as safetensors, and what a reader
 * needs around them. Equal models give equal files. Throws when the graph's answers are not the platform's.
 */
export async function exportTextModel(order: ExportOrder): Promise<Parity> {
  const opened = await readTextModel(order.artifactDir);
  const { manifest, head, file } = opened;
  const block = ngramsOf(manifest, file);
  await writeTextExport(
    {
      manifest,
      file,
      lora: adapterOf(manifest, file, head.inputs)?.lora ?? null,
      change: wholeOf(manifest, file)?.change,
      graph: {
        parts: manifest.base ? ["embedding"] : [],
        head,
        // A lexical model's weights are those of its n-grams.
        ngrams: manifest.base ? block && unpackNgrams(block) : head.weights,
        ending: { kind: "softmax", temperature: manifest.temperature },
      },
    },
    order,
  );
  await writeTaught(opened, order.dir);
  const thresholds: ExportedThresholds = {
    scope: manifest.scope,
    abstain_below: order.facts.abstainBelow,
    promised: order.facts.promised,
  };
  await writeJson(order.dir, "thresholds.json", thresholds);
  return measureParity(opened, order);
}

/** The taught rows' vectors, where scope is similarity to them. No text of a row leaves. */
async function writeTaught({ manifest, file }: Opened, dir: string): Promise<void> {
  if (manifest.scope?.score !== "similarity") return;
  const vectors = manifest.base
    ? ["row-embeddings.i8", "row-scales.f32"]
    : ["row-starts.i32", "row-indices.i32", "row-values.f32"];
  for (const name of ["row-labels.i32", ...vectors]) await writeFile(join(dir, name), file(name));
}

async function measureParity(opened: Opened, order: ExportOrder): Promise<Parity> {
  const taught = rowsOf(opened).slice(0, PARITY_ROWS);
  const texts = [...taught.map(([, text]) => text), ...ODD_TEXTS, ...order.quoted];
  const own = await answerHere(openTextModel, texts, order);
  const folder = await openTextFolder(order.dir, order.threads);
  const exported = await openClassifier(folder);
  const found = await exported.predict(
    texts.map((text) => [text]),
    opened.manifest.labels.length,
  );
  await folder.close();
  const differences = own.flatMap(({ labels }, i) => labelDifferences(labels, found[i]?.output.labels));
  return writeParity(order.dir, texts.length, differences);
}
