import { readFile, rename, writeFile } from "node:fs/promises";
import type { Drawn, LabellingProgress } from "../contract";
import { readNdjson } from "../data/lines-file";
import { contentHash } from "../data/split";
import { fromRows } from "../linear/matrix";
import type { LinearHead } from "../linear/softmax-head";
import { wordsOf } from "../recipes/class-names";
import type { BaseFiles, Run } from "../task";
import { embedRows } from "../tasks/text-classification.based";
import { type DrawnText, type DrawOrder, drawTexts } from "./draw";
import { measureProgress } from "./progress";
import { fitAnswers, type Labelling, rankTexts, taughtOf } from "./rank";

export interface LabelOrder {
  /** The file that the texts are drawn from first; null when `textsPath` holds them. */
  source: Pick<DrawOrder, "path" | "filename" | "reading" | "textColumn" | "labelColumn"> | null;
  /** NDJSON of `DrawnText`. */
  textsPath: string;
  classes: readonly { name: string; description: string }[];
  /** Place of a text and its class number; the number behind the last class says "none of these". */
  answers: readonly (readonly [number, number])[];
  skipped: readonly number[];
  /** Whether the accuracy is measured too, which costs several fits; else `temperature` is taken as it is. */
  isMeasured: boolean;
  temperature: number;
  /** Texts to ask about. */
  wanted: number;
  /** JSON of `Ranking`. */
  rankingPath: string;
  /** Where the solution is kept that the next one begins from. */
  headPath: string;
  base: BaseFiles;
}
export type LabelRun = Pick<Run, "cacheDir" | "threads" | "signal" | "stage" | "progress">;

export interface Labelled {
  drawn: Drawn | null;
  progress: LabellingProgress | null;
  temperature: number;
}

/** Draws the texts when told to, fits a head on the answers and writes what it thinks of every text. */
export async function labelTexts(order: LabelOrder, run: LabelRun): Promise<Labelled> {
  const names = order.classes.map(({ name }) => name);
  const drawn = order.source
    ? await drawTexts({ ...order.source, classes: names, outPath: order.textsPath })
    : null;
  const texts: DrawnText[] = [];
  for await (const text of readNdjson<DrawnText>(order.textsPath)) texts.push(text);
  const answers = drawn ? labelsInFile(texts, names) : new Map(order.answers);
  const embeddings = await embedRows(
    [...texts.map(({ text }) => text), ...order.classes.map(wordsOfClass)],
    order.base,
    run,
  );
  const set: Labelling = { x: fromRows(embeddings), texts: texts.length, classes: names.length, answers };
  const start = await readHead(order.headPath, set.x.columns);
  const head = await fitAnswers(set, taughtOf(set), { start, signal: run.signal });
  await writeHead(order.headPath, head);
  const skipped = new Set(order.skipped);
  const isSettled = (place: number) => answers.has(place) || skipped.has(place);
  const firstOpen = texts.findIndex((_, place) => !isSettled(place));
  const measured = order.isMeasured
    ? await measureProgress(
        set,
        head,
        texts.map(({ text }) => contentHash(text)),
        firstOpen < 0 ? texts.length : firstOpen,
        run.signal,
      )
    : null;
  const temperature = measured?.temperature ?? order.temperature;
  const { picks, labels, confidences } = await rankTexts(set, head, temperature, isSettled, order.wanted);
  const rounded = [...confidences].map((confidence) => Math.round(confidence * 1e4) / 1e4);
  await writeFile(order.rankingPath, JSON.stringify({ picks, labels: [...labels], confidences: rounded }));
  return { drawn, progress: measured?.progress ?? null, temperature };
}

function labelsInFile(texts: readonly DrawnText[], names: readonly string[]): Map<number, number> {
  const found = texts.map(({ label }, place) => [place, names.indexOf(label ?? "")] as const);
  return new Map(found.filter(([, label]) => label >= 0));
}

/** What stands for a class before it has examples. */
const wordsOfClass = ({ name, description }: { name: string; description: string }) =>
  description === "" ? wordsOf(name) : `${wordsOf(name)}: ${description}`;

/** Null when there is none of these inputs: the fit then begins at zero. */
async function readHead(path: string, inputs: number): Promise<LinearHead | undefined> {
  const bytes = await readFile(path).catch(() => null);
  const classes = bytes ? bytes.length / 4 / (inputs + 1) : 0;
  if (!bytes || classes < 1 || !Number.isInteger(classes)) return undefined;
  const values = new Float32Array(bytes.length / 4);
  new Uint8Array(values.buffer).set(bytes);
  const size = inputs * classes;
  return { inputs, classes, weights: values.slice(0, size), bias: values.slice(size) };
}

async function writeHead(path: string, head: LinearHead): Promise<void> {
  const values = new Float32Array(head.weights.length + head.bias.length);
  values.set(head.weights);
  values.set(head.bias, head.weights.length);
  // Whole or not at all: two workers may rank the same set.
  const part = `${path}.${process.pid}.part`;
  await writeFile(part, new Uint8Array(values.buffer));
  await rename(part, path);
}
