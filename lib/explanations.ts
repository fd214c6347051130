import { z } from "zod";
import { installedBase } from "./bases";
import type { Answering } from "./deployments";
import { AppError, fail } from "./errors";
import { type Answered, answerRows, breathe, type Read, readInputs, translate } from "./inference";
import { type Explanation, explanationSchema } from "./ml/contract";
import { concatenate } from "./ml/linear/matrix";
import { gradientOrderOf, tellByWords } from "./ml/report/gradient-words";
import type { Parts } from "./ml/report/leave-out";
import { occlusionWeights } from "./ml/report/occlusion";
import { quoteSpans } from "./ml/report/words";
import type { Ask, Predictor, Scoring } from "./ml/task";
import type { Serving } from "./serving";

/** A row is read once for each of its parts that is left out, so a call explains a few rows, not a file. */
const MAX_EXPLAINED = 16;
/** Each is left out of a row of as many cells: the work grows with their square. */
const MAX_COLUMNS = 256;
/** Rows that are scored between two looks at the event loop. */
const SCORED = 32;
/** Gradients of a text take seconds. */
const MAX_INTEGRATED = 4;
/** Each asks for gradients of its own. */
const MAX_INTEGRATED_LABELS = 2;
const TOO_WIDE = `\`explain\`: rows of more than ${MAX_COLUMNS} columns are not explained.`;
const WORDS_ONLY = "`explain`: there are no gradients to explain this model by; `occlusion` explains it.";
const PIECES =
  "`explain`: an answer that is a piece of the text itself is not explained: leaving out one of its words takes it from the answer instead of weighing it.";

const scoringOf = (predictor: Predictor): Scoring =>
  predictor.scoring ?? fail("unsupported_parameter", PIECES, "explain");

/** The parts of a row with their weights for each label, on the wire's terms. */
function toExplanation(
  method: Explanation["method"],
  adds_to: Explanation["adds_to"],
  { words, columns }: Parts,
  labels: Explanation["labels"],
): Explanation {
  const own = labels[0];
  const weighed = <Part>(parts: readonly Part[]) =>
    parts.map((part, at) => ({ ...part, weight: own?.weights[at] ?? 0 }));
  return {
    ...{ method, adds_to, label: own?.label ?? "", words: weighed(words) },
    ...(columns && { columns: weighed(columns) }),
    labels,
  };
}

/** On the wire: true is the method that every model has. */
export const explainSchema = z.union([z.boolean(), explanationSchema.shape.method]).nullish();

export function explainIfAsked(
  serving: Serving,
  model: Answering,
  given: readonly unknown[],
  ask: Ask,
  explain: z.infer<typeof explainSchema>,
  signal: AbortSignal,
  turn: string,
): Promise<Answered> {
  if (!explain) return answerRows(serving, model, given, ask, signal, turn);
  const method = explain === true ? "occlusion" : explain;
  return explainRows(serving, model, given, ask, method, signal);
}

/**
 * Answers with the words or columns that speak for and against them. Tokens are those of the rows alone, since whatever
 * else is read is our means and not the caller's question.
 */
async function explainRows(
  serving: Serving,
  model: Answering,
  given: readonly unknown[],
  ask: Ask,
  method: Explanation["method"],
  signal: AbortSignal,
): Promise<Answered> {
  const most = method === "occlusion" ? MAX_EXPLAINED : MAX_INTEGRATED;
  if (given.length > most)
    fail("input_shape", `\`input\`: at most ${most} rows a call are explained by ${method}.`, "input");
  if ((model.report.columns?.length ?? 0) > MAX_COLUMNS) fail("unsupported_parameter", TOO_WIDE, "explain");
  try {
    const predictor = await serving.cache.get(model);
    const explain = method === "occlusion" ? occludeRows : integrateRows;
    return await explain(serving, predictor, model.tenantId, given, ask, signal);
  } catch (error) {
    return translate(error, signal);
  }
}

/** Every row goes through the base together with its variants. */
async function occludeRows(
  serving: Serving,
  predictor: Predictor,
  tenantId: string,
  given: readonly unknown[],
  ask: Ask,
  signal: AbortSignal,
): Promise<Answered> {
  const scoring = scoringOf(predictor);
  const leftOut = given.map((input) => scoring.leaveOut(input));
  const rows = leftOut.map(({ variants }, n) => [given[n], ...variants]);
  const read = await readInputs(serving, predictor, tenantId, rows.flat(), signal);
  const starts = rows.map((_, n) => rows.slice(0, n).reduce((sum, row) => sum + row.length, 0));
  const outputs: unknown[] = [];
  for (const [n, { parts, variants }] of leftOut.entries()) {
    const at = starts[n] ?? 0;
    const [inputs, vectors] = [read.inputs, read.vectors].map((list) =>
      list.slice(at, at + 1 + variants.length),
    ) as [Read["inputs"], Read["vectors"]];
    const [output] = predictor.after(inputs.slice(0, 1), vectors.slice(0, 1), ask);
    if (!output) throw new AppError("internal_error");
    const scores = await scoreRows(scoring, inputs, vectors, signal);
    const labels = scoring.explained(output).map((label) => ({
      label,
      weights: occlusionWeights(scores, scoring.labels.length, scoring.labels.indexOf(label), scoring.weigh),
    }));
    outputs.push({ ...output, explanation: toExplanation("occlusion", scoring.addsTo, parts, labels) });
  }
  const { tokens } = predictor.before(starts.map((start) => read.inputs[start]));
  return { outputs, tokens, truncated: starts.map((start) => read.truncated[start] ?? false) };
}

async function scoreRows(
  { scores }: Scoring,
  inputs: Read["inputs"],
  vectors: Read["vectors"],
  signal: AbortSignal,
): Promise<Float32Array> {
  const parts: Float32Array[] = [];
  for (let at = 0; at < inputs.length; at += SCORED) {
    parts.push(scores(inputs.slice(at, at + SCORED), vectors.slice(at, at + SCORED)));
    await breathe();
    signal.throwIfAborted();
  }
  return concatenate(parts);
}

async function integrateRows(
  serving: Serving,
  predictor: Predictor,
  tenantId: string,
  given: readonly unknown[],
  ask: Ask,
  signal: AbortSignal,
): Promise<Answered> {
  const { addsTo, labels, explained } = scoringOf(predictor);
  const read = await readInputs(serving, predictor, tenantId, given, signal);
  const answers = predictor.after(read.inputs, read.vectors, ask) as object[];
  const outputs: unknown[] = [];
  for (const [n, output] of answers.entries()) {
    const text = String(read.inputs[n]);
    const names = explained(output).slice(0, MAX_INTEGRATED_LABELS);
    const parts = predictor.differentiate?.(text);
    if (!parts) fail("unsupported_parameter", WORDS_ONLY, "explain");
    const numbers = names.map((name) => labels.indexOf(name));
    const base = (await installedBase(parts.request.base)) ?? fail("base_unavailable");
    const found = await serving.gradients.integrate(base.dir, gradientOrderOf(parts, numbers), signal);
    const told = found.map((one, i) => ({ label: names[i] ?? "", ...tellByWords(one, parts) }));
    const weights = told.map(({ label, weights }) => ({ label, weights }));
    const words = quoteSpans(text, parts.words);
    const explanation = toExplanation("integrated_gradients", addsTo, { words }, weights);
    const { rest = 0, gap = 0 } = told[0] ?? {};
    outputs.push({ ...output, explanation: { ...explanation, rest, completeness_gap: gap } });
  }
  return { outputs, tokens: read.tokens, truncated: read.truncated };
}
