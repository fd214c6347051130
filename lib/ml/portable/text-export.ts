import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ReadFile } from "../arrays";
import type { Manifest } from "../artifact";
import type { Lora } from "../base/lora-shape";
import { type Tensor, transpose, writeSafetensors } from "../base/safetensors";
import type { Change } from "../base/whole-shape";
import { BASES } from "../catalogue";
import type { ExportOrder } from "../task";
import { writePeft } from "./peft";
import type { ExportedSettings } from "./text-folder";
import { type TextGraph, writeTextGraph } from "./text-graph";

/** A trained model of a task that reads texts, as every such task writes it down to leave. */
export interface TextExport {
  manifest: Manifest;
  file: ReadFile;
  /** The adapter, its scale in B; null when the base is read as it is. */
  lora: Lora | null;
  /** Of a base that was tuned whole: no adapter of any rank, so there is none in PEFT's form. */
  change?: Change | undefined;
  graph: Omit<TextGraph, "encoder">;
}

/**
 * Makes the order's folder and writes what models of texts have in common: the graph with the adapter merged into its
 * weights, the same weights as safetensors and in PEFT's form, the tokenizer, the n-gram table, `model.json` and
 * `labels.json`. Equal models give equal files. Throws when the model needs another base than the one given.
 */
export async function writeTextExport(of: TextExport, { dir, base, facts }: ExportOrder): Promise<void> {
  const { manifest, file, lora, change, graph } = of;
  if (manifest.base && manifest.base.sha256 !== base?.sha256)
    throw new Error(`the model needs the base ${manifest.base.id}, which is not the one given`);
  await mkdir(dir, { recursive: true });
  const encoder = base && manifest.base ? { dir: base.dir, lora, change } : null;
  await writeTextGraph(join(dir, "model.onnx"), { ...graph, encoder });
  await writeSafetensors(join(dir, "head.safetensors"), headTensors(graph));
  const known = Object.values(BASES).find(({ id }) => id === manifest.base?.id);
  if (lora && known) await writePeft(dir, lora, known.hub);
  if (encoder) await copyFile(join(encoder.dir, "tokenizer.json"), join(dir, "tokenizer.json"));
  if (graph.ngrams)
    for (const name of ["hashes.u32", "idf.f32"]) await writeFile(join(dir, name), file(name));
  const settings: ExportedSettings = {
    format_version: 1,
    model: facts.model,
    task: manifest.task,
    recipe: manifest.recipe,
    ...(change ? { tuned: "whole" as const } : {}),
    created: facts.created,
    base: manifest.base && known ? { ...manifest.base, max_tokens: known.maxTokens } : null,
  };
  await writeJson(dir, "model.json", settings);
  if (manifest.labels.length > 0) await writeJson(dir, "labels.json", manifest.labels);
}

export const writeJson = (dir: string, name: string, value: unknown) =>
  writeFile(join(dir, name), `${JSON.stringify(value, null, 2)}\n`);

function headTensors({ parts, head, ngrams }: TextExport["graph"]): Map<string, Tensor> {
  const { classes, inputs, weights, bias } = head;
  const tensors = new Map<string, Tensor>([["bias", { shape: [classes], values: bias }]]);
  // As PyTorch's Linear has it: [outputs, inputs].
  if (parts.length > 0) tensors.set("weight", transpose({ shape: [inputs, classes], values: weights }));
  if (ngrams) tensors.set("ngram.weight", { shape: [ngrams.length / classes, classes], values: ngrams });
  return tensors;
}
