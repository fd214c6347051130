import type { ModelReport } from "../contract";
import { nestedOrder } from "../data/split";
import { generator, shuffle } from "../linear/svm";
import { chooseScopeScore, type Judged, type Round, scopeOf, scopeThreshold } from "../report/scope-choice";
import { wilson } from "../report/wilson";
import type { Run } from "../task";
import { type Plan, taughtRows } from "./labels.rows";
import type { TextCandidate } from "./text-classification.comparison";

/** The taught rows that similarity is measured to, as the artifact holds them. */
export interface References {
  /** Row numbers. */
  rows: readonly number[];
  /** Cosine of the references at two places. */
  similarity(place: number, other: number): number;
}

export type ValidatedScope = NonNullable<ModelReport["scope"]>;

const ROUNDS = 2;
const WITHHELD_SHARE = 0.25;
const FITTED = 4000;
const QUERIES = 400;
const LEAST_QUERIES = 20;
/** Of the usual steps: a model that lacks classes is only asked which score tells them apart. */
const SKETCH = 1 / 3;
/** With fewer classes a model that lacks some has next to nothing left to decide. */
const LEAST_CLASSES = 4;

/**
 * Chooses by which score, and from which threshold, a text counts as out of scope. The score is chosen by leaving
 * a quarter of the classes out, twice, on training rows alone; the threshold comes from out-of-fold answers of
 * all classes. Null when nothing tells the two apart.
 */
export async function validateScope(
  candidate: TextCandidate,
  plan: Plan,
  references: References,
  seed: number,
  run: Run,
): Promise<ValidatedScope | null> {
  const { rows } = plan;
  const place = new Map(plan.train.map((row, i) => [row, i]));
  const classes = plan.names.length;
  const known = references.rows.flatMap((row, at) => {
    const i = place.get(row);
    return i === undefined ? [] : [{ row, at, i }];
  });
  const queries = known.slice(0, 2 * QUERIES);
  if (queries.length < LEAST_QUERIES) return null;
  const places = placesByClass(references, plan);
  const inside = queries.map(({ at, i }) => {
    const logits = candidate.logits.subarray(i * classes, (i + 1) * classes);
    return { logits, similarity: nearest(at, places[argmax(logits)] ?? [], references, plan) };
  });
  const rounds =
    classes < LEAST_CLASSES
      ? [{ inside, outside: queries.map(({ row, at }) => asUntaught(row, at)) }]
      : await leaveOut(candidate, plan, references, known, seed, run);
  const best = chooseScopeScore(rounds, classes < LEAST_CLASSES ? ["similarity"] : undefined);
  if (!best) return null;
  // Similarity is known of the queries alone, the other scores of every row.
  const judged =
    best.score === "similarity"
      ? queries.map(({ i }, at) => ({ i, one: inside[at] as Judged }))
      : plan.train.map((_, i) => ({
          i,
          one: { logits: candidate.logits.subarray(i * classes, (i + 1) * classes), similarity: 0 },
        }));
  const right = judged.filter(({ i }) => candidate.isRight[i]).map(({ one }) => one);
  const threshold = scopeThreshold(best.score, right);
  const foreign = judged.filter(({ one }) => scopeOf(best.score, one) < threshold);
  run.log("info", `scope is judged by ${best.score}: AUROC ${best.auroc.toFixed(3)} with classes left out`);
  return { ...best, threshold, withheld: wilson(foreign.length, judged.length) };

  /** As if the row's own class had never been taught. */
  function asUntaught(row: number, at: number): Judged {
    const others = places.flatMap((list, label) => (label === rows.labels[row] ? [] : list));
    return { logits: new Float32Array(classes), similarity: nearest(at, others, references, plan) };
  }
}

/** Models that lack some classes, judged on unseen rows of the taught and of the lacking ones. */
export async function leaveOut(
  candidate: Pick<TextCandidate, "prepared">,
  plan: Plan,
  references: References,
  known: readonly { row: number; at: number }[],
  seed: number,
  run: Run,
): Promise<Round[]> {
  const { labels } = plan.rows;
  const places = placesByClass(references, plan);
  const numbers = plan.names.map((_, k) => k);
  shuffle(numbers, generator(seed));
  const each = Math.max(1, Math.floor(numbers.length * WITHHELD_SHARE));
  const rounds: Round[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const withheld = new Set(numbers.slice(round * each, (round + 1) * each));
    const taught = numbers.filter((k) => !withheld.has(k)).sort((a, b) => a - b);
    const numberOf = new Map(taught.map((k, i) => [k, i]));
    const isOutside = ({ row }: { row: number }) => withheld.has(labels[row] as number);
    const outside = known.filter(isOutside).slice(0, QUERIES);
    const inside = known.filter((one) => !isOutside(one)).slice(0, Math.min(QUERIES, known.length >> 2));
    const asked = new Set(inside.map(({ row }) => row));
    const isLeft = (row: number) => numberOf.has(labels[row] as number) && !asked.has(row);
    const left = taughtRows(plan).filter(isLeft);
    // Where one class has nearly all rows, leaving it out leaves nothing to fit.
    if (left.length < 2 * taught.length) continue;
    const fitted = nestedOrder(labels, left, seed + round).slice(0, FITTED);
    const model = await candidate.prepared.fit(
      fitted,
      Int32Array.from(fitted, (row) => numberOf.get(labels[row] as number) ?? 0),
      taught.length,
      { seed, signal: run.signal, onProgress: () => {}, effort: SKETCH },
    );
    const judge = (queries: readonly { row: number; at: number }[]) => {
      const logits = candidate.prepared.logits(
        model,
        queries.map(({ row }) => row),
      );
      return queries.map(({ at }, i): Judged => {
        const own = logits.subarray(i * taught.length, (i + 1) * taught.length);
        const answered = taught[argmax(own)] ?? 0;
        return { logits: own, similarity: nearest(at, places[answered] ?? [], references, plan) };
      });
    };
    rounds.push({ inside: judge(inside), outside: judge(outside) });
  }
  return rounds;
}

const argmax = (values: Float32Array) => values.indexOf(values.reduce((a, b) => Math.max(a, b), -Infinity));

/** Places of the references of each class. */
function placesByClass(references: References, plan: Plan): number[][] {
  const places = plan.names.map((): number[] => []);
  for (const [at, row] of references.rows.entries()) places[plan.rows.labels[row] as number]?.push(at);
  return places;
}

/** Cosine to the nearest of some references that is not the same text. */
function nearest(at: number, places: readonly number[], references: References, plan: Plan): number {
  const hashOf = (place: number) => plan.rows.hashes[references.rows[place] ?? -1];
  const own = hashOf(at);
  let most = 0;
  for (const place of places) {
    const value = references.similarity(at, place);
    if (value > most && hashOf(place) !== own) most = value;
  }
  return most;
}
