import { mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { hashRows } from "../../lib/ml/data/frozen-rows";
import { answerHere } from "../../lib/ml/portable/parity";
import { openTextFolder } from "../../lib/ml/portable/text-folder";
import type { BaseFiles } from "../../lib/ml/task";
import { engine } from "../../lib/ml/tasks/text-classification.engine";
import { exportTextModel } from "../../lib/ml/tasks/text-classification.export";
import { openTextModel } from "../../lib/ml/tasks/text-classification.predict";
import { baseDir, hasBase, lone, report, skip, startPython } from "../peer";
import { loadRows } from "../sets";

/**
 * Exported models in Python's onnxruntime beside the platform's own answers: every probability of Banking77 texts that
 * the model has not seen, and of odd ones. Python is fed the ids that the exported server would feed.
 * Run: `npm run bench -- engine export`.
 */
const PEER = `
import sys, json, numpy as np, onnxruntime
session = onnxruntime.InferenceSession(sys.argv[1], providers=["CPUExecutionProvider"])
types = {i.name: np.int64 if "int64" in i.type else np.float32 for i in session.get_inputs()}
for line in sys.stdin:
    feeds = {k: np.array(v["data"], types[k]).reshape(v["dims"]) for k, v in json.loads(line).items()}
    print(json.dumps(session.run(["probabilities"], feeds)[0].tolist()), flush=True)
`;
const RECIPES = ["lexical", "head", "wide"] as const;
const ROWS = 2000;
const UNSEEN = 300;
const ODD = ["", "🙂👩‍👩‍👧‍👦", "请问我的包裹到哪里了？", "word ".repeat(4000)];
const threads = cpus().length;

if (!hasBase) skip("export", "the base is not installed; npm start fetches it");
const dir = mkdtempSync(join(tmpdir(), "graft-bench-export-"));
writeFileSync(join(dir, "peer.py"), PEER);
const { texts, labels } = loadRows("export", "banking77", ROWS + UNSEEN);
const rows = texts.slice(0, ROWS).map((input, i) => ({ line: i + 2, input, target: `class ${labels[i]}` }));
const rowsPath = join(dir, "rows.ndjson");
writeFileSync(rowsPath, rows.map((row) => JSON.stringify(row)).join("\n"));
const base: BaseFiles = { id: "minilm-l6", dir: baseDir, sha256: "0".repeat(64) };
const asked = [...texts.slice(ROWS), ...ODD];

const models = [];
for (const recipe of RECIPES) {
  const at = join(dir, recipe);
  mkdirSync(at);
  const order = {
    recipe,
    base,
    seed: 1,
    refit: true,
    budgetMinutes: 45,
    splitPath: null,
    validationRowsPath: null,
  };
  const trained = await engine.train({ ...order, rowsPath, rowsSha256: hashRows(rows) }, lone(at));
  const facts = { model: recipe, created: 0, abstainBelow: 0.5, promised: [] };
  const { artifactDir } = trained;
  const out = join(at, "out");
  const started = performance.now();
  const parity = await exportTextModel({ artifactDir, base, dir: out, threads, quoted: [], facts });
  const seconds = (performance.now() - started) / 1000;
  const peer = startPython("onnxruntime numpy", [join(dir, "peer.py"), join(out, "model.onnx")]);
  if (!peer) skip("export", "pip cannot supply onnxruntime");
  const own = await answerHere(openTextModel, asked, { artifactDir, base, threads });
  const folder = await openTextFolder(out, threads);
  let python = 0;
  for (const [i, text] of asked.entries()) {
    const feeds = Object.entries(folder.feed([[text]])).map(([name, { data, dims }]) => {
      return [name, { data: Array.from(data as Float32Array | BigInt64Array, Number), dims }];
    });
    const [found = []] = (await peer.ask(Object.fromEntries(feeds))) as number[][];
    for (const { label, probability } of own[i]?.labels ?? [])
      python = Math.max(python, Math.abs(probability - (found[trained.report.labels.indexOf(label)] ?? 9)));
  }
  await folder.close();
  peer.stop();
  const bytes = readdirSync(out).reduce((sum, name) => sum + statSync(join(out, name)).size, 0);
  models.push({ recipe, node: parity.max_difference, python, bytes, seconds });
  console.log(recipe, parity.max_difference, python, bytes, seconds.toFixed(1));
}
rmSync(dir, { recursive: true });
const worst = Math.max(...models.flatMap(({ node, python }) => [node, python]));
report(
  "engine export",
  {
    claim: `probabilities of exported models in Python's and in Node's onnxruntime beside the platform's, ${asked.length} texts`,
    measured: `differ by ${worst.toExponential(0)} at most; ${models
      .map(
        ({ recipe, bytes, seconds }) => `${recipe} ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s`,
      )
      .join(", ")}`,
    target: "differ by <= 1e-4",
  },
  { models },
);
process.exit(0);
