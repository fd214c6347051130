import { cpus } from "node:os";
import { openBackend } from "../../lib/ml/backend";
import { openEncoder } from "../../lib/ml/base/encoder";
import { openBase } from "../../lib/ml/base/forward";
import { openTokenizer } from "../../lib/ml/base/tokenizer";
import { BASES, DEFAULT_BASE } from "../../lib/ml/catalogue";
import { countNgrams } from "../../lib/ml/data/features";
import { fromRows } from "../../lib/ml/linear/matrix";
import { toProbabilities } from "../../lib/ml/linear/softmax-head";
import { generator, shuffle } from "../../lib/ml/linear/svm";
import { wide } from "../../lib/ml/recipes/wide";
import { wideLogits } from "../../lib/ml/recipes/wide-part";
import { gradientOrderOf, tellByWords } from "../../lib/ml/report/gradient-words";
import { integrateGradients } from "../../lib/ml/report/integrated-gradients";
import { shareNgrams } from "../../lib/ml/report/ngram-words";
import { logOdds, occlude, occlusionWeights } from "../../lib/ml/report/occlusion";
import { alignTokens, type Span } from "../../lib/ml/report/words";
import { baseDir, embedOnDisk, hasBase, median, report, skip } from "../peer";
import { loadRows } from "../sets";

/**
 * Explanations of a wide model on two sets. Faithful: how far the probability of the answer falls when the fifth of the
 * words that speak most for it is removed (comprehensiveness, DeYoung et al. 2020), beside as many words at random.
 * Cheap: word occlusion of a text of 32 tokens beside one forward pass of 32 such texts. Integrated gradients: what
 * their parts miss of the difference that they explain. Run: `npm run bench -- engine explain`; `--quick`
 * takes fewer rows and texts, prints and keeps nothing.
 */
const NAME = "explain";
const isQuick = process.env.GRAFT_BENCH_QUICK !== undefined;
const [TAUGHT, OCCLUDED, INTEGRATED] = isQuick ? [1500, 60, 15] : [5000, 300, 60];
const SHARE = 0.2;
const LEAST_WORDS = 5;
const DRAWS = 5;
const ROUNDS = isQuick ? 5 : 15;

if (!hasBase) skip(NAME, "the base is not installed; npm start fetches it");
const { label: backend } = await openBackend({ threads: cpus().length });
const tokenize = await openTokenizer(baseDir, BASES[DEFAULT_BASE].maxTokens);
const base = await openBase(baseDir, { threads: cpus().length });
const encoder = await openEncoder(baseDir);
const embed = (texts: readonly string[]) => base.embed(texts.map((text) => ({ ids: tokenize(text).ids })));
const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;

/** The text without some of its words. */
function without(text: string, spans: readonly Span[]): string {
  return spans
    .toSorted((a, b) => b.start - a.start)
    .reduce((left, { start, end }) => left.slice(0, start) + left.slice(end), text);
}

async function fitWide(set: string) {
  const { texts, labels, names: classNames } = loadRows(NAME, set, TAUGHT + 2 * OCCLUDED);
  const classes = classNames.length;
  const embeddings = await embedOnDisk(NAME, texts);
  const rows = Array.from({ length: Math.min(TAUGHT, texts.length - OCCLUDED) }, (_, row) => row);
  const prepared = await wide.prepare({ texts, names: [], tuning: null, embeddings });
  const options = { seed: 1, signal: new AbortController().signal, onProgress: () => {} };
  const model = await prepared.fit(rows, labels.subarray(0, rows.length), classes, options);
  if (model.kind !== "wide") throw new Error("a wide model is needed");
  const logits = async (asked: readonly string[]) =>
    wideLogits(model, fromRows(await embed(asked)), asked.map(countNgrams));
  return { model, classes, logits, unseen: texts.slice(rows.length) };
}
type Fitted = Awaited<ReturnType<typeof fitWide>>;

/** By how much the answer's probability falls without its most important words, and without words at random. */
async function drops(fitted: Fitted, text: string, label: number, spans: Span[], weights: number[]) {
  const count = Math.max(1, Math.round(SHARE * spans.length));
  const order = [...spans.keys()].sort((a, b) => (weights[b] ?? 0) - (weights[a] ?? 0));
  const draws = Array.from({ length: DRAWS }, (_, n) => {
    const drawn = [...spans.keys()];
    shuffle(drawn, generator(n + 1));
    return drawn;
  });
  const chosen = [order, ...draws].map((places) => places.slice(0, count).flatMap((at) => spans[at] ?? []));
  const asked = [text, ...chosen.map((some) => without(text, some))];
  const probabilities = toProbabilities(await fitted.logits(asked), fitted.classes, 1);
  const [whole = 0, best = 0, ...random] = asked.map(
    (_, row) => probabilities[row * fitted.classes + label] ?? 0,
  );
  return { best: whole - best, random: whole - mean(random) };
}

async function occludeOne(fitted: Fitted, text: string) {
  const { spans, variants } = occlude(text);
  const logits = await fitted.logits([text, ...variants]);
  const own = logits.subarray(0, fitted.classes);
  const label = own.indexOf(Math.max(...own));
  return { label, spans, weights: occlusionWeights(logits, fitted.classes, label, logOdds) };
}

function integrateOne({ model }: Fitted, text: string, label: number) {
  const words = alignTokens(text, tokenize);
  const parts = {
    request: { base: DEFAULT_BASE, ids: tokenize(text).ids },
    head: model.head,
    temperature: 1,
    words,
    ngrams: shareNgrams(model.ngrams, text, words),
  };
  const [found] = integrateGradients(encoder, gradientOrderOf(parts, [label]));
  if (!found) throw new Error("no gradients");
  const { weights, difference, gap } = tellByWords(found, parts);
  return { words, weights, gap: Math.abs(gap) / Math.max(1, Math.abs(difference)) };
}

/** 30 words of one token each, so 32 tokens and 31 rows, and 32 copies of it as the plain batch. */
const text =
  "the card was not in my bank and he said it is on the way to our new home so we will wait for it by the door at night";
if (tokenize(text).ids.length !== 32) throw new Error("the text to time must have 32 tokens");
const times = { occlusion: [] as number[], plain: [] as number[] };
for (let round = 0; round < ROUNDS + 1; round++)
  for (const [kind, work] of [
    ["plain", () => embed(Array.from({ length: 32 }, () => text))],
    ["occlusion", () => embed([text, ...occlude(text).variants])],
  ] as const) {
    const started = performance.now();
    await work();
    if (round > 0) times[kind].push(performance.now() - started);
  }
const [occlusionMs, plainMs] = [median(times.occlusion), median(times.plain)];

const sets: Record<string, Record<string, number>> = {};
for (const set of ["banking77", "sms_spam"]) {
  const fitted = await fitWide(set);
  const texts = fitted.unseen.filter((text) => occlude(text).spans.length >= LEAST_WORDS).slice(0, OCCLUDED);
  const [occluded, integrated] = [[], []] as { best: number; random: number }[][];
  const [gaps, seconds] = [[], []] as number[][];
  for (const [n, text] of texts.entries()) {
    const { label, spans, weights } = await occludeOne(fitted, text);
    occluded?.push(await drops(fitted, text, label, spans, weights));
    if (n >= INTEGRATED) continue;
    const started = performance.now();
    const found = integrateOne(fitted, text, label);
    seconds?.push((performance.now() - started) / 1000);
    gaps?.push(found.gap);
    integrated?.push(await drops(fitted, text, label, found.words, found.weights));
  }
  const of = (all: typeof occluded = [], part: "best" | "random") => mean(all.map((one) => one[part]));
  sets[set] = {
    texts: texts.length,
    occlusion: of(occluded, "best"),
    random: of(occluded, "random"),
    ratio: of(occluded, "best") / of(occluded, "random"),
    gradients: of(integrated, "best"),
    gradientsRatio: of(integrated, "best") / of(integrated, "random"),
    medianGap: median(gaps ?? []),
    largestGap: Math.max(...(gaps ?? [])),
    gradientSeconds: median(seconds ?? []),
  };
  console.log(set, JSON.stringify(sets[set]));
}

await base.close();

const shown = (of: (set: Record<string, number>) => string) =>
  Object.entries(sets)
    .map(([set, figures]) => `${set} ${of(figures)}`)
    .join(", ");
const fixed = (value = Number.NaN, digits = 2) => value.toFixed(digits);
const claim = {
  claim: `fall of the answer's probability without the fifth of the words that speak most for it, beside as many at random; occlusion of 32 tokens beside a forward of 32 texts`,
  measured: `occlusion ${shown((one) => `${fixed(one.ratio)}x (${fixed(one.occlusion, 3)} to ${fixed(one.random, 3)})`)}; integrated gradients ${shown((one) => `${fixed(one.gradientsRatio)}x`)}, gap ${shown((one) => `${fixed(100 * (one.medianGap ?? 0))} %, at most ${fixed(100 * (one.largestGap ?? 0))} %`)}; ${fixed(occlusionMs / plainMs)}x the forward's time`,
  target: ">= 2x random words; <= 1.5x the forward's time",
};
// A look is no measurement: only the whole run is kept.
if (isQuick) console.log(`${claim.claim}\n  quick look: ${claim.measured}\n  target: ${claim.target}`);
else report("engine explain", claim, { sets, occlusionMs, plainMs, backend });
