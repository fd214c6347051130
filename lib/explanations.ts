import { z } from "zod";
import { installedBase } from "./bases";
import { AppError, fail } from "./errors";
import { type Answered, answerRows, breathe, type Read, readInputs, translate } from "./inference";
import { type Explanation, explanationSchema } from "./ml/contract";
import { gradientOrderOf, tellByWords } from "./ml/report/gradient-words";
import { occlude, occlusionWeights } from "./ml/report/occlusion";
import { quoteSpans, type Span } from "./ml/report/words";
import type { Ask, Predictor, Scoring } from "./ml/task";
import type { Model } from "./models";
import type { Serving } from "./serving";

/** A text is read once for each of its words that is left out, so a call explains a few texts, not a file. */
const MAX_EXPLAINED = 16;
/** Gradients of a text take seconds. */
const MAX_INTEGRATED = 4;
/** Each asks for gradients of its own. */
const MAX_INTEGRATED_LABELS = 2;
const WORDS_ONLY = "`explain`: there are no gradients to explain this model by; `occlusion` explains it.";

function scoringOf(predictor: Predictor): Scoring {
  const why = "`explain`: answers of this task are not explained by words.";
  return predictor.scoring ?? fail("unsupported_parameter", why, "explain");
}

/** Stretches of a text with their weights for each label, on the wire's terms. */
function toExplanation(
  method: Explanation["method"],
  adds_to: Explanation["adds_to"],
  text: string,
  spans: readonly Span[],
  labels: Explanation["labels"],
): Explanation {
  const own = labels[0];
  const words = quoteSpans(text, spans).map((span, at) => ({ ...span, weight: own?.weights[at] ?? 0 }));
  return { method, adds_to, label: own?.label ?? "", words, labels };
}

/** On the wire: true is the method that every model has. */
export const explainSchema = z.union([z.boolean(), explanationSchema.shape.method]).nullish();

export function explainIfAsked(
  serving: Serving,
  model: Model,
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
 * Answers with the words that speak for and against them. Tokens are those of the texts alone, since whatever else is
 * read is our means and not the caller's question.
 */
async function explainRows(
  serving: Serving,
  model: Model,
  given: readonly unknown[],
  ask: Ask,
  method: Explanation["method"],
  signal: AbortSignal,
): Promise<Answered> {
  const most = method === "occlusion" ? MAX_EXPLAINED : MAX_INTEGRATED;
  if (given.length > most)
    fail("input_shape", `\`input\`: at most ${most} texts a call are explained by ${method}.`, "input");
  try {
    const predictor = await serving.cache.get(model);
    const explain = method === "occlusion" ? occludeRows : integrateRows;
    return await explain(serving, predictor, model.tenantId, given, ask, signal);
  } catch (error) {
    return translate(error, signal);
  }
}

/** Every text goes through the base together with its variants. */
async function occludeRows(
  serving: Serving,
  predictor: Predictor,
  tenantId: string,
  given: readonly unknown[],
  ask: Ask,
  signal: AbortSignal,
): Promise<Answered> {
  const scoring = scoringOf(predictor);
  const parts = given.map((input) => occlude(String(input)));
  const rows = parts.map(({ variants }, n) => [given[n], ...variants]);
  const read = await readInputs(serving, predictor, tenantId, rows.flat(), signal);
  const starts = rows.map((_, n) => rows.slice(0, n).reduce((sum, row) => sum + row.length, 0));
  const outputs: unknown[] = [];
  for (const [n, { spans }] of parts.entries()) {
    const at = starts[n] ?? 0;
    const [inputs, vectors] = [read.inputs, read.vectors].map((list) =>
      list.slice(at, at + 1 + spans.length),
    ) as [Read["inputs"], Read["vectors"]];
    const [output] = predictor.after(inputs.slice(0, 1), vectors.slice(0, 1), ask);
    if (!output) throw new AppError("internal_error");
    const scores = scoring.scores(inputs, vectors);
    const labels = scoring.explained(output).map((label) => ({
      label,
      weights: occlusionWeights(scores, scoring.labels.length, scoring.labels.indexOf(label), scoring.weigh),
    }));
    const explanation = toExplanation("occlusion", scoring.addsTo, String(given[n]), spans, labels);
    outputs.push({ ...output, explanation });
    await breathe();
    signal.throwIfAborted();
  }
  const { tokens } = predictor.before(starts.map((start) => read.inputs[start]));
  return { outputs, tokens, truncated: starts.map((start) => read.truncated[start] ?? false) };
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
    const explanation = toExplanation("integrated_gradients", addsTo, text, parts.words, weights);
    const { rest = 0, gap = 0 } = told[0] ?? {};
    outputs.push({ ...output, explanation: { ...explanation, rest, completeness_gap: gap } });
  }
  return { outputs, tokens: read.tokens, truncated: read.truncated };
}
