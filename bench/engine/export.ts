import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "csv-parse/sync";
import { hashRows } from "../../lib/ml/data/frozen-rows";
import { answerHere } from "../../lib/ml/portable/parity";
import { feedOf } from "../../lib/ml/portable/portions";
import { openTextFolder, type Texts } from "../../lib/ml/portable/text-folder";
import type { BaseFiles, Engine } from "../../lib/ml/task";
import { engine as labelEngine } from "../../lib/ml/tasks/text-classification.engine";
import { engine as severalEngine } from "../../lib/ml/tasks/text-multi-label.engine";
import { engine as pairEngine } from "../../lib/ml/tasks/text-similarity.engine";
import { baseDir, dataFolder, hasBase, lone, report, skip, startPython } from "../peer";
import { loadRows } from "../sets";

/**
 * Exported models in Python's onnxruntime beside the platform's own answers: every probability of Banking77 texts (one
 * label) and of GoEmotions (several), every number of STS-B pairs as a share of its range, of rows that the models have
 * not seen, and of odd ones. Python is fed what the exported server would feed. Run: `npm run bench -- engine export`.
 */
const PEER = `
import sys, json, numpy as np, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
types = {i.name: np.int64 if "int64" in i.type else np.float32 for i in session.get_inputs()}
for line in sys.stdin:
    feeds = {k: np.array(v["data"], types[k]).reshape(v["dims"]) for k, v in json.loads(line).items()}
    print(json.dumps(session.run([sys.argv[2]], feeds)[0].ravel().tolist()), flush=True)
`;
const NAME = "export";
const ROWS = 2000;
const UNSEEN = 300;
const ODD = ["", "🙂👩‍👩‍👧‍👦", "请问我的包裹到哪里了？", "word ".repeat(4000)];
const STARS = 5;
const threads = cpus().length;

interface Kind {
  engine: Engine<unknown, unknown, unknown>;
  rows: readonly { input: unknown; target: unknown }[];
  /** Inputs, and their texts. */
  asked: readonly unknown[];
  texts: readonly Texts[];
  output: "probabilities" | "value";
  /** What the graph should give for an answer, and what one unit of it is. */
  figures(output: unknown, labels: readonly string[]): number[];
  unit: number;
}
const ofLabels: Kind["figures"] = (output, labels) => {
  const { labels: own } = output as { labels: { label: string; probability: number }[] };
  return labels.map((label) => own.find((one) => one.label === label)?.probability ?? Number.NaN);
};

function singleTexts(engine: unknown, texts: readonly string[], targets: readonly unknown[]): Kind {
  const asked = [...texts.slice(ROWS), ...ODD];
  return {
    engine: engine as Kind["engine"],
    rows: texts.slice(0, ROWS).map((input, i) => ({ input, target: targets[i] })),
    asked,
    texts: asked.map((text) => [text]),
    output: "probabilities",
    figures: ofLabels,
    unit: 1,
  };
}
function oneLabel(): Kind {
  const { texts, labels } = loadRows(NAME, "banking77", ROWS + UNSEEN);
  return singleTexts(
    labelEngine,
    texts,
    Array.from(labels, (label) => `class ${label}`),
  );
}
function severalLabels(): Kind {
  const lines = readFileSync(join(dataFolder(NAME, "goemotions"), "original", "train.tsv"), "utf8")
    .split("\n")
    .slice(0, ROWS + UNSEEN)
    .map((line) => line.split("\t"));
  return singleTexts(
    severalEngine,
    lines.map(([text = ""]) => text),
    lines.map(([, labels = ""]) => labels.split(",")),
  );
}
function pairs(): Kind {
  const read = readFileSync(join(dataFolder(NAME, "stsb_multi_mt"), "stsb-en-train.csv"));
  const all = (parse(read, { relax_quotes: true }) as string[][])
    .slice(0, ROWS + UNSEEN)
    .map(([text = "", text_b = "", score]) => ({ input: { text, text_b }, target: Number(score) }));
  const odd = ODD.map((text, i) => ({ text, text_b: ODD[(i + 1) % ODD.length] ?? "" }));
  const asked = [...all.slice(ROWS).map(({ input }) => input), ...odd];
  return {
    engine: pairEngine as Kind["engine"],
    rows: all.slice(0, ROWS),
    asked,
    texts: asked.map(({ text, text_b }) => [text, text_b]),
    output: "value",
    figures: (output) => [(output as { value: number }).value],
    unit: STARS,
  };
}

if (!hasBase) skip(NAME, "the base is not installed; npm start fetches it");
const dir = mkdtempSync(join(tmpdir(), "graft-bench-export-"));
writeFileSync(join(dir, "peer.py"), PEER);
const base: BaseFiles = { id: "minilm-l6", dir: baseDir, sha256: "0".repeat(64) };

/** Trains, exports, and asks the platform and Python the same. */
async function measure({ engine, rows, asked, texts, output, figures, unit }: Kind, recipe: string) {
  const at = mkdtempSync(join(dir, "model-"));
  const lines = rows.map((row, i) => ({ line: i + 2, ...row }));
  const rowsPath = join(at, "rows.ndjson");
  writeFileSync(rowsPath, lines.map((row) => JSON.stringify(row)).join("\n"));
  const order = { recipe, base, seed: 1, refit: true, budgetMinutes: 45 };
  const frozen = { rowsPath, rowsSha256: hashRows(lines), splitPath: null, validationRowsPath: null };
  const { artifactDir, report: trained } = await engine.train({ ...order, ...frozen }, lone(at));
  const facts = { model: recipe, created: 0, abstainBelow: 0.5, promised: [] };
  const out = join(at, "out");
  const started = performance.now();
  const parity = await engine.exportTo?.({ artifactDir, base, dir: out, threads, quoted: [], facts });
  const seconds = (performance.now() - started) / 1000;
  const peer = startPython("onnxruntime numpy", [join(dir, "peer.py"), join(out, "model.onnx"), output]);
  if (!peer || !parity) skip(NAME, "pip cannot supply onnxruntime");
  const own = await answerHere(engine.open, asked, { artifactDir, base, threads });
  const folder = await openTextFolder(out, threads);
  let python = 0;
  for (const [i, row] of texts.entries()) {
    const feeds = Object.entries(feedOf(folder.read(row).portions)).map(([name, { data, dims }]) => {
      return [name, { data: Array.from(data as Float32Array | BigInt64Array, Number), dims }];
    });
    const found = (await peer.ask(Object.fromEntries(feeds))) as number[];
    for (const [k, figure] of figures(own[i], trained.labels).entries())
      python = Math.max(python, Math.abs(figure - (found[k] ?? Number.NaN)) / unit);
  }
  await folder.close();
  peer.stop();
  const bytes = readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
  rmSync(at, { recursive: true });
  return { node: parity.max_difference, python, bytes, seconds };
}

const models = [];
for (const [name, kind, recipe] of [
  ["lexical", oneLabel(), "lexical"],
  ["head", oneLabel(), "head"],
  ["wide", oneLabel(), "wide"],
  ["several labels", severalLabels(), "wide"],
  ["pairs", pairs(), "wide"],
] as const) {
  const measured = await measure(kind, recipe);
  models.push({ model: name, ...measured });
  console.log(name, measured);
}
rmSync(dir, { recursive: true });
const worst = Math.max(...models.flatMap(({ node, python }) => [node, python]));
report(
  "engine export",
  {
    claim: `answers of exported models in Python's and in Node's onnxruntime beside the platform's, ${UNSEEN + ODD.length} rows each`,
    measured: `differ by ${worst.toExponential(0)} at most; ${models
      .map(
        ({ model, bytes, seconds }) => `${model} ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s`,
      )
      .join(", ")}`,
    target: "differ by <= 1e-4",
  },
  { models },
);
process.exit(0);
