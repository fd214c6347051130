import { z } from "zod";
import { fail } from "./errors";
import { createId } from "./id";
import { answerRows, deadlineOf, inputsOf, meter, modelFor } from "./inference";
import type { Model } from "./models";
import { route } from "./route";
import type { Serving } from "./serving";

/** `POST /v1/predictions`: the native route, every row with its calibrated probabilities. */
export const MAX_BODY_BYTES = 16_000_000;

export const predictionsBody = z.object({
  model: z.string().min(1),
  input: z.unknown(),
  top_k: z.number().int().min(1).max(1000).nullish(),
  nearest: z.number().int().min(0).max(10).nullish(),
  threshold: z.number().min(0).max(1).nullish(),
  abstain: z.boolean().nullish(),
});
type Body = z.infer<typeof predictionsBody>;

const DEFAULT_TOP_K = 10;
/** Without a threshold of the caller's: the least one that was wrong in at most one answer of twenty. */
const MOST_WRONG = 0.05;

/** The confidence below which an answer is withheld; null when nobody asked for that. */
export function thresholdOf(model: Model, body: Pick<Body, "threshold" | "abstain">): number | null {
  if (body.abstain === false) return null;
  const asked = typeof body.threshold === "number" ? "threshold" : body.abstain ? "abstain" : null;
  if (asked === null) return null;
  const { abstention, evaluation } = model.report;
  if (evaluation.measures !== "labels")
    fail("unsupported_parameter", `\`${asked}\`: only models that answer one label withhold answers.`, asked);
  if (typeof body.threshold === "number") return body.threshold;
  const promised = abstention?.find((one) => one.accepted === MOST_WRONG);
  if (promised) return promised.threshold;
  const measured = [...evaluation.selective].sort((a, b) => a.threshold - b.threshold);
  const bounded = abstention ? undefined : measured.find((point) => point.errorUpper <= MOST_WRONG);
  return (bounded ?? measured.at(-1))?.threshold ?? 0.5;
}

function toItem(output: unknown, index: number, isCut: boolean | undefined, threshold: number | null) {
  const fields = output as { confidence?: number; out_of_scope?: boolean };
  const isUnsure = fields.out_of_scope === true || (fields.confidence ?? 1) < (threshold ?? 0);
  return {
    index,
    ...fields,
    ...(threshold === null ? {} : { abstained: isUnsure }),
    ...(isCut ? { truncated: true } : {}),
  };
}

export const createPrediction = (serving: Serving) =>
  route(
    {
      auth: "tenant",
      permission: "predictions.create",
      body: predictionsBody,
      bodyBytes: MAX_BODY_BYTES,
      quotaOf: "tenant",
    },
    async ({ actor, body, request, requestId }) => {
      const model = await modelFor(actor, body.model);
      const inputs = inputsOf(model, body.input);
      const ask = { topK: body.top_k ?? DEFAULT_TOP_K, nearest: body.nearest ?? 0 };
      const answered = await answerRows(serving, model, inputs, ask, deadlineOf(request));
      meter(serving, {
        actor,
        request,
        requestId,
        route: "/v1/predictions",
        model: model.name,
        rows: inputs.length,
        tokens: answered.tokens,
        question: body.input,
      });
      const threshold = thresholdOf(model, body);
      return {
        id: createId("prediction"),
        object: "list",
        model: model.name,
        created: Math.floor(Date.now() / 1000),
        data: answered.outputs.map((output, n) => toItem(output, n, answered.truncated[n], threshold)),
        usage: { inputs: inputs.length, tokens: answered.tokens },
      };
    },
  );
