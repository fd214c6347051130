import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { toSpans, toTags } from "../../lib/ml/data/spans";
import { describeWords } from "../../lib/ml/data/word-features";
import { lexicalTagger, wideTagger } from "../../lib/ml/recipes/tag-chain";
import { loraTagger } from "../../lib/ml/recipes/tag-lora";
import { type TagData, wordsOf } from "../../lib/ml/recipes/tagger";
import { spanFigures } from "../../lib/ml/report/span-metrics";
import type { TrainOrder } from "../../lib/ml/task";
import { readWithBase } from "../../lib/ml/tasks/text-entities.data";
import { type JudgedSpans, measure, trialOf } from "../../lib/ml/tasks/text-entities.measure";
import { planOf } from "../../lib/ml/tasks/text-entities.rows";
import { openTuning } from "../../lib/ml/tasks/trials.based";
import { baseDir, hasBase, lone, openNative, python, report, skip } from "../peer";
import { entityRows } from "../sets";

/**
 * Named entities of WNUT17 as published (names that no training row has, in noisy text): F1 of whole spans on its test
 * file under every recipe, beside CRFsuite over the same features of words. Run: `npm run bench -- engine entities`.
 */
const NAME = "entities";
const PEER = `
import json, sys, time
import sklearn_crfsuite
given = json.load(open(sys.argv[1]))
started = time.time()
crf = sklearn_crfsuite.CRF(algorithm="lbfgs", c1=0.0, c2=0.1, max_iterations=100)
crf.fit(given["train"], given["tags"])
seconds = time.time() - started
print(json.dumps({"tags": [list(tags) for tags in crf.predict(given["test"])], "seconds": seconds}))
`;

if (!hasBase) skip(NAME, "the base is not installed; npm start fetches it");
await openNative(NAME);
const [train, test] = await Promise.all([
  entityRows(NAME, "wnut17train.conll"),
  entityRows(NAME, "emerging.test.annotated"),
]);
const rows = [...train, ...test].map((row, line) => ({ line, ...row }));
const labels = [...new Set(train.flatMap(({ spans }) => spans.map(({ label }) => label)))].sort();
const taught = [...train.keys()];
const held = Array.from(test.keys(), (row) => train.length + row);
const plan = planOf(rows, labels, { train: taught, test: held, testHashes: [] });

const dir = mkdtempSync(join(tmpdir(), "graft-bench-entities-"));
const files = { id: "minilm-l6", dir: baseDir, sha256: "" };
const frozen = await readWithBase(
  rows.map(({ text }) => text),
  files,
  lone(dir),
);
const options = { seed: 1, signal: new AbortController().signal, onProgress: () => {} };
const judgedBy = async (recipe: typeof lexicalTagger, data: TagData) => {
  const trial = trialOf(recipe.prepare(data), data, plan);
  const started = performance.now();
  const tagger = await trial.fit(taught, options);
  const seconds = (performance.now() - started) / 1000;
  const figures = figuresIn(recipe.id, trial.judge(tagger, held), seconds);
  return figures;
};
function figuresIn(id: string, judged: readonly JudgedSpans[], seconds: number) {
  const { precision, recall, perLabel } = spanFigures(judged, labels);
  const figures = { id, f1: measure.of(judged), precision, recall, perLabel, seconds };
  console.log(JSON.stringify({ id, f1: figures.f1, precision, recall, seconds }));
  return figures;
}

/** The features as texts, which CRFsuite reads as they are. */
function askPeer() {
  const run = python("sklearn-crfsuite");
  if (!run) skip(NAME, "pip cannot supply sklearn-crfsuite");
  const path = join(dir, "features.json");
  const featuresIn = (row: number) =>
    describeWords(wordsOf(frozen.texts[row] ?? { text: "", words: { spans: [], pieces: [] }, windows: [] }));
  const tags = taught.map((row) =>
    toTags(frozen.texts[row]?.words.spans ?? [], rows[row]?.spans ?? [], labels).map(String),
  );
  writeFileSync(path, JSON.stringify({ train: taught.map(featuresIn), tags, test: held.map(featuresIn) }));
  const answer = JSON.parse(run(["-c", PEER, path])) as { tags: string[][]; seconds: number };
  const judged = held.map((row, i) => ({
    row,
    gold: rows[row]?.spans ?? [],
    found: toSpans(frozen.texts[row]?.words.spans ?? [], (answer.tags[i] ?? []).map(Number), labels).map(
      (span) => ({ ...span, confidence: 1 }),
    ),
  }));
  return figuresIn("peer", judged, answer.seconds);
}

const peer = askPeer();
const lexical = await judgedBy(lexicalTagger, frozen);
const wide = await judgedBy(wideTagger, frozen);
const order = { rowsSha256: "" } as TrainOrder;
const lora = await judgedBy(loraTagger, { ...frozen, tuning: await openTuning(files, order, lone(dir)) });
rmSync(dir, { recursive: true });
const percent = ({ f1 }: typeof peer) => (100 * f1.value).toFixed(1);
report(
  "engine entities",
  {
    claim:
      "F1 of whole spans on WNUT17's test file, by recipe, beside CRFsuite over the same features of words",
    measured: `lexical ${percent(lexical)}, wide ${percent(wide)}, lora ${percent(lora)}; CRFsuite ${percent(peer)}`,
    target: "lexical >= CRFsuite - 1; wide and lora above lexical",
  },
  { peer, lexical, wide, lora },
);
