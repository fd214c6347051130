import { type AppraisalReport, PERSONAL_KINDS } from "../appraisal";
import { openBackend } from "../backend";
import { openTokenizer } from "../base/tokenizer";
import { labelsIn, textOf } from "../data/cells";
import { normalise } from "../data/compare";
import { type FrozenRow, readRowsFile } from "../data/lines-file";
import { assignFolds, contentHash, nestedOrder } from "../data/split";
import { toProbabilities } from "../linear/softmax-head";
import { wordsOf } from "../recipes/class-names";
import { head } from "../recipes/head";
import { lexical } from "../recipes/lexical";
import { findLabelIssues } from "../report/label-issues";
import { LEAST_PROBED_ROWS, probeSizes } from "../report/probe";
import { chooseTemperature } from "../report/temperature";
import type { BaseFiles, Run } from "../task";
import { embedRows } from "../tasks/text-classification.based";
import { isForeignScript } from "../tasks/text-classification.choose";
import { forecastSeconds } from "../tasks/text-classification.forecast";
import { knownBase } from "../tasks/trials.based";
import { findingsOf, type Signs } from "./findings";
import { personalKinds } from "./personal";
import { countScripts } from "./scripts";
import { countNamed, findTellTales } from "./tell-tale";

/** Looks at a sample before anything is trained; what comes out holds sums and names of classes, never a row. */

export interface AppraiseOrder {
  task: string;
  /** NDJSON of the version's accepted rows. */
  rowsPath: string;
  /** Null when none is installed: then words alone are probed. */
  base: BaseFiles | null;
}
export type AppraiseRun = Pick<Run, "cacheDir" | "threads" | "signal" | "stage" | "progress">;

const PROBED_TASK = "text-classification";
/** Rows whose texts are looked at; those behind them are counted. */
const MOST_ROWS = 50_000;
/** Rows that the base reads and a probe judges: the width of a band hardly shrinks with more of them. */
const MOST_PROBED = 2000;
const SEED = 1;

/** One label a row; null where rows carry none, or several. */
interface Labelled {
  texts: string[];
  labels: Int32Array;
  names: string[];
}

export async function appraise(order: AppraiseOrder, run: AppraiseRun): Promise<AppraisalReport> {
  const { rows, read } = await readBeginning(order.rowsPath);
  const texts = read.map(({ input }) => textOf(input));
  const labelled = labelledOf(texts, read);
  const twice = countTwice(texts, labelled);
  const isProbed = order.task === PROBED_TASK && labelled !== null;
  const judged = isProbed ? labelledOfPeople(read) : null;
  const probed = judged ? await probe(judged, order, run) : { ...UNPROBED, noProbe: "task" as const };
  const figures = {
    task: order.task,
    rows,
    lookedAt: read.length,
    classes: countClasses(read),
    duplicates: { exact: twice.exact, near: twice.near },
    agreement: twice.agreement,
    scripts: countScripts(texts),
    personal: countPersonal(texts),
    ...probed,
  };
  const signs: Signs = {
    contradicting: twice.contradicting,
    leaked: twice.leaked,
    held: twice.held,
    named: isProbed ? countNamed(texts, labelled.labels, labelled.names.map(wordsOf)) : 0,
    tellTales: isProbed ? findTellTales(texts, labelled.labels, labelled.names) : [],
    hasBase: order.base !== null,
    isForeign: isForeignScript(texts),
  };
  return { formatVersion: 1, ...figures, findings: findingsOf(figures, signs) };
}

function labelledOf(texts: string[], read: readonly FrozenRow[]): Labelled | null {
  const targets = read.flatMap(({ target }) => (typeof target === "string" ? [target] : []));
  if (targets.length < read.length) return null;
  const names = [...new Set(targets)].sort();
  const numbers = new Map(names.map((name, i) => [name, i]));
  return { texts, names, labels: Int32Array.from(targets, (name) => numbers.get(name) ?? 0) };
}

/** What a model labelled would praise whatever learns from the same. */
function labelledOfPeople(read: readonly FrozenRow[]): Labelled | null {
  const own = read.filter(({ labelledBy }) => labelledBy === undefined);
  return labelledOf(
    own.map(({ input }) => textOf(input)),
    own,
  );
}

async function readBeginning(path: string): Promise<{ rows: number; read: FrozenRow[] }> {
  const read: FrozenRow[] = [];
  let rows = 0;
  for await (const row of readRowsFile(path)) {
    rows += 1;
    if (read.length < MOST_ROWS) read.push(row);
  }
  return { rows, read };
}

function countClasses(read: readonly FrozenRow[]) {
  const rows = new Map<string, number>();
  for (const { target } of read)
    if (typeof target !== "number")
      for (const label of labelsIn(target)) rows.set(label, (rows.get(label) ?? 0) + 1);
  return [...rows].map(([label, n]) => ({ label, rows: n })).sort((a, b) => b.rows - a.rows);
}

function countPersonal(texts: readonly string[]) {
  const found = texts.map(personalKinds);
  return PERSONAL_KINDS.flatMap((kind) => {
    const rows = found.filter((kinds) => kinds.includes(kind)).length;
    return rows > 0 ? [{ kind, rows }] : [];
  });
}

/** Texts that are one but for their numbers, as messages made from a template are. */
const shapeOf = (text: string) => normalise(text).replace(/\p{N}+/gu, "0");
const FOLDS = 5;

/** What occurs more than once: copies, what their labels say, and how many of them a random split would put on both sides. */
function countTwice(texts: readonly string[], labelled: Labelled | null) {
  const [exact, shapes] = [texts.map(contentHash), texts.map(shapeOf)];
  const copies = texts.length - new Set(exact).size;
  const near = texts.length - new Set(shapes).size - copies;
  const classes = labelled?.names.length ?? 1;
  const labels = labelled?.labels ?? new Int32Array(texts.length);
  const folds = assignFolds(exact, labels, classes, FOLDS, SEED);
  const taught = new Set(shapes.filter((_, row) => folds[row] !== 0));
  const held = shapes.filter((_, row) => folds[row] === 0);
  return {
    ...{ exact: copies, near: Math.max(0, near) },
    ...{ leaked: held.filter((shape) => taught.has(shape)).length, held: held.length },
    ...(labelled ? agree(texts, labelled) : { contradicting: 0, agreement: null }),
  };
}

/** Rows whose text another row gives a different label, and the share of all repeated rows that agree with most copies. */
function agree(texts: readonly string[], { labels }: Labelled) {
  const said = new Map<string, Map<number, number>>();
  for (const [row, text] of texts.entries()) {
    const key = normalise(text) || text;
    const own = said.get(key) ?? new Map<number, number>();
    const label = labels[row] as number;
    said.set(key, own.set(label, (own.get(label) ?? 0) + 1));
  }
  let [repeated, agreeing, contradicting] = [0, 0, 0];
  for (const own of said.values()) {
    const counts = [...own.values()];
    const all = counts.reduce((sum, n) => sum + n, 0);
    if (all < 2) continue;
    repeated += all;
    agreeing += Math.max(...counts);
    if (counts.length > 1) contradicting += all;
  }
  return { contradicting, agreement: repeated > 0 ? agreeing / repeated : null };
}

const UNPROBED = { tokens: null, labelErrors: null, probe: null, training: [] };
type Probed = Pick<AppraisalReport, "tokens" | "labelErrors" | "probe" | "noProbe" | "training">;

/** Fits the frozen base's head, or words alone where the base does not know the script, on parts of a draw of the rows. */
async function probe(all: Labelled, { base }: AppraiseOrder, run: AppraiseRun): Promise<Probed> {
  const { names } = all;
  if (names.length < 2) return { ...UNPROBED, noProbe: "one_class" };
  const drawn = nestedOrder(all.labels, [...all.labels.keys()], SEED).slice(0, MOST_PROBED);
  const texts = drawn.map((row) => all.texts[row] ?? "");
  const labels = Int32Array.from(drawn, (row) => all.labels[row] as number);
  const { canTune } = await openBackend({ threads: run.threads });
  const tokens = base && (await measureTokens(texts, base));
  const profile = { classes: names.length, meanTokens: tokens?.mean ?? countTokens(texts) };
  const training = forecastSeconds(profile, { hasBase: base !== null, canTune });
  if (texts.length < LEAST_PROBED_ROWS) return { ...UNPROBED, tokens, training, noProbe: "too_few_rows" };
  const recipe = base && !isForeignScript(texts) ? head : lexical;
  const embeddings = recipe === head && base ? await embedRows(texts, base, run) : null;
  const prepared = await recipe.prepare({ texts, names: [], embeddings, tuning: null });
  const sample = { hashes: texts.map(contentHash), labels, classes: names.length, seed: SEED };
  const found = await probeSizes(recipe.id, sample, async (train, held) => {
    const own = Int32Array.from(train, (row) => labels[row] as number);
    const options = { seed: SEED, signal: run.signal, onProgress: () => {} };
    return prepared.logits(await prepared.fit(train, own, names.length, options), held);
  });
  const temperature = chooseTemperature(found.logits, labels, names.length, recipe.isMargin);
  const probabilities = toProbabilities(found.logits, names.length, temperature);
  const labelErrors = findLabelIssues(probabilities, labels, names.length).length;
  return { tokens, labelErrors, probe: found.probe, noProbe: null, training };
}

/** Characters of English in a token, where nothing else tells. */
const CHARACTERS_PER_TOKEN = 4;
const countTokens = (texts: readonly string[]) =>
  texts.reduce((sum, text) => sum + text.length / CHARACTERS_PER_TOKEN, 0) / Math.max(1, texts.length);

async function measureTokens(texts: readonly string[], { id, dir }: BaseFiles) {
  const { maxTokens } = knownBase(id);
  const tokenize = await openTokenizer(dir, maxTokens);
  const read = texts.map(tokenize);
  return {
    mean: read.reduce((sum, { ids }) => sum + ids.length, 0) / Math.max(1, read.length),
    truncated: read.filter(({ truncated }) => truncated).length / Math.max(1, read.length),
    window: maxTokens,
  };
}
