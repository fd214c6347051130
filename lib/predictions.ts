import { z } from "zod";
import { answerCall } from "./call";
import { askedAt, strengthSchema } from "./deployments";
import { fail } from "./errors";
import { explainSchema } from "./explanations";
import { predictionIdOf } from "./id";
import { inputsOf, modelFor, ownStrength } from "./inference";
import type { Model } from "./models";
import {
  DEFAULT_TOP_K,
  MAX_BODY_BYTES,
  MAX_TOP_K,
  thresholdFor,
  toItem,
  withholdingProblem,
} from "./prediction-wire";
import { route } from "./route";
import type { Serving } from "./serving";

/** `POST /v1/predictions`: the native route, every row with its calibrated probabilities. */
export const predictionsBody = z.object({
  model: z.string().min(1),
  input: z.unknown(),
  top_k: z.number().int().min(1).max(MAX_TOP_K).nullish(),
  nearest: z.number().int().min(0).max(10).nullish(),
  threshold: z.number().min(0).max(1).nullish(),
  abstain: z.boolean().nullish(),
  strength: strengthSchema.nullish().describe("Of the version's adapter, for this call alone"),
  /**
   * Which words or columns speak for the answer and which against it. An explained row is metered as one row like any
   * other: every answer can say why, and what that costs us is bounded: rows a call, and gradients at a time.
   */
  explain: explainSchema,
});

/** Without a threshold of the caller's: the least one that was wrong in at most one answer of twenty. */
const MOST_WRONG = 0.05;

/** The confidence below which an answer is withheld; null when nobody asked for that. */
function thresholdOf({ report }: Model, body: z.infer<typeof predictionsBody>): number | null {
  const threshold = thresholdFor(body, () => abstainBelow(report));
  if (threshold === null || report.evaluation.measures === "labels") return threshold;
  const [param, why] = withholdingProblem(body);
  return fail("unsupported_parameter", why, param);
}

/** The confidence from which this model answers where a caller asks to abstain but names no threshold. */
export function abstainBelow({ abstention, evaluation }: Model["report"]): number {
  const promised = abstention?.find((one) => one.accepted === MOST_WRONG);
  if (promised) return promised.threshold;
  const selective = evaluation.measures === "labels" ? evaluation.selective : [];
  const measured = [...selective].sort((a, b) => a.threshold - b.threshold);
  const bounded = abstention ? undefined : measured.find((point) => point.errorUpper <= MOST_WRONG);
  return (bounded ?? measured.at(-1))?.threshold ?? 0.5;
}

export const createPrediction = (serving: Serving) =>
  route(
    {
      auth: "tenant",
      permission: "predictions.create",
      body: predictionsBody,
      bodyBytes: MAX_BODY_BYTES,
      isInference: true,
      isIdempotent: true,
    },
    async ({ actor, body, request, requestId }) => {
      const named = await modelFor(actor, body.model);
      const model = typeof body.strength === "number" ? askedAt(named, body.strength) : named;
      const inputs = inputsOf(model, body.input);
      const ask = { topK: body.top_k ?? DEFAULT_TOP_K, nearest: body.nearest ?? 0 };
      const answered = await answerCall(serving, {
        ...{ actor, request, requestId, model, inputs, ask },
        route: "/v1/predictions",
        explain: body.explain,
        question: body.input,
      });
      const threshold = thresholdOf(model, body);
      return {
        id: predictionIdOf(answered.eventId),
        object: "list",
        model: model.name,
        ...ownStrength(model),
        created: Math.floor(Date.now() / 1000),
        data: answered.outputs.map((output, n) => toItem(output, n, answered.truncated[n], threshold)),
        usage: { inputs: inputs.length, tokens: answered.tokens },
      };
    },
  );
