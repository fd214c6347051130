import { z } from "zod";
import { answerCall } from "./call";
import { fail } from "./errors";
import { predictionIdOf } from "./id";
import { inputsOf, modelFor } from "./inference";
import { MAX_BODY_BYTES, MAX_TOP_K } from "./prediction-wire";
import { route } from "./route";
import type { Serving } from "./serving";
import { taskOf } from "./tasks";

/** `POST /v1/classify`: answers of labels in Cohere's shape. */
const classifyBody = z.looseObject({
  model: z.string().min(1),
  inputs: z.array(z.string()).min(1),
  examples: z.array(z.unknown()).max(0, "the model was taught already; leave them out").nullish(),
});

const outputSchema = z.object({
  labels: z.array(z.object({ label: z.string(), probability: z.number(), assigned: z.boolean().optional() })),
});

export const createClassification = (serving: Serving) =>
  route(
    {
      auth: "tenant",
      permission: "predictions.create",
      body: classifyBody,
      bodyBytes: MAX_BODY_BYTES,
      isInference: true,
      isIdempotent: true,
    },
    async ({ actor, body, request, requestId }) => {
      const model = await modelFor(actor, body.model);
      const { view } = taskOf(model.task);
      if (view !== "labels" && view !== "several")
        fail("task_unsupported", "This model does not answer labels; ask it at `/v1/predictions`.", "model");
      const { outputs, eventId } = await answerCall(serving, {
        ...{ actor, request, requestId, model },
        route: "/v1/classify",
        inputs: inputsOf(model, body.inputs),
        ask: { topK: MAX_TOP_K, nearest: 0 },
        question: body.inputs,
      });
      return {
        id: predictionIdOf(eventId),
        classifications: outputs.map((output, n) => ({
          id: `${requestId}-${n}`,
          input: body.inputs[n],
          ...classificationOf(outputSchema.parse(output).labels, view),
        })),
        meta: { api_version: { version: "1" } },
      };
    },
  );

function classificationOf(labels: z.infer<typeof outputSchema>["labels"], view: "labels" | "several") {
  const answered = view === "labels" ? labels.slice(0, 1) : labels.filter(({ assigned }) => assigned);
  const [first] = answered;
  return {
    prediction: first?.label ?? null,
    predictions: answered.map(({ label }) => label),
    confidence: first?.probability ?? null,
    confidences: answered.map(({ probability }) => probability),
    labels: Object.fromEntries(labels.map(({ label, probability }) => [label, { confidence: probability }])),
    classification_type: view === "labels" ? "single-label" : "multi-label",
  };
}
