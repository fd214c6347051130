import { AppError, fail } from "./errors";
import { type Answered, breathe, type Read, readInputs, translate } from "./inference";
import type { Explanation } from "./ml/contract";
import { occlude, occlusionWeights } from "./ml/report/occlusion";
import { quoteSpans, type Span } from "./ml/report/words";
import type { Ask, Predictor, Scoring } from "./ml/task";
import type { Model } from "./models";
import type { Serving } from "./serving";

/** A text is read once for each of its words that is left out, so a call explains a few texts, not a file. */
export const MAX_EXPLAINED = 16;
/** Labels that a reader may switch between. */
const MAX_LABELS = 5;

interface Labelled {
  label: string;
  labels: { label: string }[];
}

/** The labels to explain: those that the answer names, the answered one first. */
function labelsOf({ label, labels }: Labelled): string[] {
  const others = labels.map((one) => one.label).filter((one) => one !== label);
  return [label, ...others].slice(0, MAX_LABELS);
}

function scoringOf(predictor: Predictor): Scoring {
  const why = "`explain`: answers of this task are not explained by words.";
  return predictor.scoring ?? fail("unsupported_parameter", why, "explain");
}

/** Stretches of a text with their weights for each label, on the wire's terms. */
function toExplanation(
  method: Explanation["method"],
  text: string,
  spans: readonly Span[],
  labels: Explanation["labels"],
): Explanation {
  const own = labels[0];
  const words = quoteSpans(text, spans).map((span, at) => ({ ...span, weight: own?.weights[at] ?? 0 }));
  return { method, label: own?.label ?? "", words, labels };
}

/**
 * Answers with the words that speak for and against them: every text goes through the base together with its
 * variants. Tokens are those of the texts alone, since a variant is our means and not the caller's question.
 */
export async function explainRows(
  serving: Serving,
  model: Model,
  given: readonly unknown[],
  ask: Ask,
  signal: AbortSignal,
): Promise<Answered> {
  if (given.length > MAX_EXPLAINED)
    fail("input_shape", `\`input\`: at most ${MAX_EXPLAINED} texts a call are explained.`, "input");
  try {
    const predictor = await serving.cache.get(model);
    return await occludeRows(serving, predictor, model.tenantId, given, ask, signal);
  } catch (error) {
    return translate(error, signal);
  }
}

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
    const [output] = predictor.after(inputs.slice(0, 1), vectors.slice(0, 1), ask) as Labelled[];
    if (!output) throw new AppError("internal_error");
    const logits = scoring.logits(inputs, vectors);
    const labels = labelsOf(output).map((label) => ({
      label,
      weights: occlusionWeights(logits, scoring.labels.length, scoring.labels.indexOf(label)),
    }));
    outputs.push({ ...output, explanation: toExplanation("occlusion", String(given[n]), spans, labels) });
    await breathe();
    signal.throwIfAborted();
  }
  const { tokens } = predictor.before(starts.map((start) => read.inputs[start]));
  return { outputs, tokens, truncated: starts.map((start) => read.truncated[start] ?? false) };
}
