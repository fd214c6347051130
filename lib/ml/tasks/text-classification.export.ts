import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBase } from "../base/forward";
import { type Tensor, transpose, writeSafetensors } from "../base/safetensors";
import { openTokenizer } from "../base/tokenizer";
import { BASES } from "../catalogue";
import type { NgramBlock } from "../linear/ngram-block";
import { writePeft } from "../portable/peft";
import { writeTextGraph } from "../portable/text-graph";
import type { BaseFiles, ExportOrder, ForwardResult, Parity } from "../task";
import type { LabelOutput } from "./text-classification";
import { type ExportedSettings, type ExportedThresholds, openExported } from "./text-classification.exported";
import {
  adapterOf,
  ngramsOf,
  type Opened,
  openTextModel,
  readTextModel,
  rowsOf,
} from "./text-classification.predict";

/** What probabilities of the platform and of the exported graph may differ by, at most. */
const LIMIT = 1e-4;
/** Taught rows that parity is measured on, beside the odd texts. */
const PARITY_ROWS = 128;
const ODD_TEXTS = [
  "",
  " ",
  "🙂🙃👩‍👩‍👧‍👦",
  "请问我的包裹到哪里了？",
  "ﬁancé ＡＢＣ १२३",
  "word ".repeat(4000),
];

/**
 * Writes a trained text classifier as files that run without the platform: the graph from token ids and n-grams to
 * calibrated probabilities with the adapter merged into the weights, the same weights as safetensors, and what a reader
 * needs around them. Equal models give equal files. Throws when the graph's answers are not the platform's.
 */
export async function exportTextModel(order: ExportOrder): Promise<Parity> {
  const { dir, base } = order;
  const opened = await readTextModel(order.artifactDir);
  if (opened.manifest.base && opened.manifest.base.sha256 !== base?.sha256)
    throw new Error(`the model needs the base ${opened.manifest.base.id}, which is not the one given`);
  await mkdir(dir, { recursive: true });
  await writeWeights(opened, base, dir);
  await writeTables(opened, dir);
  await writeNotes(opened, order);
  const parity = await measureParity(opened, order);
  if (!(parity.max_difference <= LIMIT))
    throw new Error(`the exported graph differs by ${parity.max_difference} from the platform's answers`);
  await writeJson(dir, "parity.json", parity);
  return parity;
}

const writeJson = (dir: string, name: string, value: unknown) =>
  writeFile(join(dir, name), `${JSON.stringify(value, null, 2)}\n`);

async function writeWeights(opened: Opened, base: BaseFiles | null, dir: string): Promise<void> {
  const { head, manifest } = opened;
  const lora = adapterOf(opened)?.lora ?? null;
  const block = ngramsOf(opened);
  // A lexical model's weights are those of its n-grams.
  const ngrams = manifest.base ? block && unpackNgrams(block) : head.weights;
  await writeTextGraph(join(dir, "model.onnx"), {
    encoder: base && manifest.base ? { dir: base.dir, lora } : null,
    head,
    ngrams,
    temperature: manifest.temperature,
  });
  const { classes, inputs, bias } = head;
  const tensors = new Map<string, Tensor>([["bias", { shape: [classes], values: bias }]]);
  // As PyTorch's Linear has it: [classes, inputs].
  if (manifest.base) tensors.set("weight", transpose({ shape: [inputs, classes], values: head.weights }));
  if (ngrams) tensors.set("ngram.weight", { shape: [ngrams.length / classes, classes], values: ngrams });
  await writeSafetensors(join(dir, "head.safetensors"), tensors);
  const hub = Object.values(BASES).find(({ id }) => id === manifest.base?.id)?.hub;
  if (lora && hub) await writePeft(dir, lora, hub);
  if (base && manifest.base) await copyFile(join(base.dir, "tokenizer.json"), join(dir, "tokenizer.json"));
}

function unpackNgrams({ weights, scales }: NgramBlock): Float32Array {
  return Float32Array.from(weights, (weight, i) => weight * (scales[i % scales.length] as number));
}

/** The n-gram table, and the taught rows' vectors where scope is similarity to them. No text of a row leaves. */
async function writeTables({ manifest, file }: Opened, dir: string): Promise<void> {
  const isCompared = manifest.scope?.score === "similarity";
  const rows = manifest.base
    ? ["row-embeddings.i8", "row-scales.f32"]
    : ["row-starts.i32", "row-indices.i32", "row-values.f32"];
  const names = [
    ...(manifest.files["hashes.u32"] ? ["hashes.u32", "idf.f32"] : []),
    ...(isCompared ? ["row-labels.i32", ...rows] : []),
  ];
  for (const name of names) await writeFile(join(dir, name), file(name));
}

async function writeNotes({ manifest }: Opened, { dir, base, facts }: ExportOrder): Promise<void> {
  const known = Object.values(BASES).find(({ id }) => id === base?.id);
  const settings: ExportedSettings = {
    format_version: 1,
    model: facts.model,
    task: manifest.task,
    recipe: manifest.recipe,
    created: facts.created,
    base: manifest.base && known ? { ...manifest.base, max_tokens: known.maxTokens } : null,
  };
  const thresholds: ExportedThresholds = {
    scope: manifest.scope,
    abstain_below: facts.abstainBelow,
    promised: facts.promised,
  };
  await writeJson(dir, "model.json", settings);
  await writeJson(dir, "labels.json", manifest.labels);
  await writeJson(dir, "thresholds.json", thresholds);
}

async function measureParity(opened: Opened, order: ExportOrder): Promise<Parity> {
  const taught = rowsOf(opened).slice(0, PARITY_ROWS);
  const texts = [...taught.map(([, text]) => text), ...ODD_TEXTS];
  const own = await answerHere(texts, order);
  const exported = await openExported(order.dir, order.threads);
  const theirs = await exported.predict(texts, opened.manifest.labels.length);
  await exported.close();
  let most = 0;
  for (const [i, { labels }] of own.entries()) {
    const found = new Map(theirs[i]?.output.labels.map(({ label, probability }) => [label, probability]));
    // A NaN on either side must not pass for equal.
    for (const { label, probability } of labels) {
      const difference = Math.abs(probability - (found.get(label) ?? Number.NaN));
      most = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : Math.max(most, difference);
    }
  }
  return { rows: texts.length, max_difference: most, limit: LIMIT };
}

/** Every label's probability, the way that serving finds it. */
export async function answerHere(
  texts: readonly string[],
  order: Pick<ExportOrder, "base" | "artifactDir" | "threads">,
): Promise<LabelOutput[]> {
  const { base, artifactDir, threads } = order;
  const predictor = await openTextModel(artifactDir, async (id) => {
    const known = Object.values(BASES).find((one) => one.id === id);
    if (!base || !known) throw new Error(`the base ${id} is not here`);
    return openTokenizer(base.dir, known.maxTokens);
  });
  const session = base && (await openBase(base.dir, { threads }));
  const ask = { topK: Number.MAX_SAFE_INTEGER, nearest: 0 };
  const outputs: LabelOutput[] = [];
  for (const text of texts) {
    const requests = predictor.before([text]).requests[0] ?? [];
    const vectors: ForwardResult[] = session ? await session.embed(requests) : [];
    outputs.push(...predictor.after([text], [vectors], ask));
  }
  await session?.close();
  return outputs;
}
