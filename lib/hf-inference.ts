import { z } from "zod";
import { answerCall } from "./call";
import { fail, plainErrorResponse } from "./errors";
import { deadlineOf, embedTexts, inputsOf, meter, modelFor, withinBudget } from "./inference";
import { isBase, type Model } from "./models";
import { MAX_BODY_BYTES, MAX_INPUTS, MAX_TOP_K } from "./prediction-wire";
import { route } from "./route";
import type { Serving } from "./serving";
import { taskOf } from "./tasks";

/**
 * `POST /hf/models/{model}`: what Hugging Face's clients send and read, by the model's task; texts of a base, and of
 * `…/pipeline/feature-extraction`, become vectors.
 */
const hfBody = z.looseObject({
  inputs: z.unknown(),
  parameters: z
    .looseObject({
      top_k: z.number().int().min(1).max(MAX_TOP_K).nullish(),
      function_to_apply: z.enum(["softmax", "sigmoid", "none"]).nullish(),
      aggregation_strategy: z.string().nullish(),
    })
    .nullish(),
});
const hfParams = z.object({ model: z.string(), pipeline: z.string().optional() });
type Parameters = NonNullable<z.infer<typeof hfBody>["parameters"]>;

export const createHfInference = (serving: Serving) =>
  route(
    {
      auth: "tenant",
      permission: "predictions.create",
      params: hfParams,
      body: hfBody,
      bodyBytes: MAX_BODY_BYTES,
      isInference: true,
      isIdempotent: true,
      refusal: plainErrorResponse,
    },
    async ({ actor, params, body, request, requestId }) => {
      const { inputs, parameters } = body;
      if (params.pipeline !== undefined && params.pipeline !== "feature-extraction")
        fail("task_unsupported", `There is no pipeline \`${params.pipeline}\` here.`);
      const isVectors = isBase(params.model) || params.pipeline === "feature-extraction";
      const model = isBase(params.model) ? null : await modelFor(actor, params.model);
      if (isVectors || !model) {
        const texts = textsOf(inputs);
        const by = model ?? params.model;
        const name = model?.name ?? params.model;
        return withinBudget(serving, actor, name, texts.length, async () => {
          const { vectors, tokens } = await embedTexts(
            serving,
            actor.tenantId,
            by,
            texts,
            deadlineOf(request),
          );
          const metered = { route: "/hf/models/feature-extraction", model: name, rows: texts.length, tokens };
          meter(serving, { actor, request, requestId, ...metered, question: texts });
          const lists = vectors.map((vector) => [...vector]);
          return Array.isArray(inputs) ? lists : lists[0];
        });
      }
      const shape = shapeOf(model, parameters ?? {});
      const { outputs } = await answerCall(serving, {
        ...{ actor, request, requestId, model },
        route: "/hf/models",
        inputs: inputsOf(model, inputs),
        ask: { topK: parameters?.top_k ?? MAX_TOP_K, nearest: 0 },
        question: inputs,
      });
      return shape(outputs, Array.isArray(inputs));
    },
  );

function textsOf(inputs: unknown): string[] {
  const list = Array.isArray(inputs) ? inputs : [inputs];
  const texts = list.filter((one) => typeof one === "string");
  if (texts.length !== list.length || texts.length === 0 || texts.length > MAX_INPUTS)
    fail("input_shape", `\`inputs\` must be a text, or a list of 1 to ${MAX_INPUTS} texts.`, "inputs");
  return texts;
}

const labelsSchema = z.object({ labels: z.array(z.object({ label: z.string(), probability: z.number() })) });
const spansSchema = z.object({
  spans: z.array(
    z.object({
      label: z.string(),
      text: z.string(),
      start: z.number(),
      end: z.number(),
      confidence: z.number(),
    }),
  ),
});
const answerSchema = z.object({
  text: z.string(),
  start: z.number(),
  end: z.number(),
  confidence: z.number(),
});

/** How answers of the model's task are written; refuses before anything is computed what cannot be given. */
function shapeOf(model: Model, { function_to_apply: asked, top_k: topK }: Parameters) {
  const { view } = taskOf(model.task);
  const refuseFunction = (own: string) => {
    if (asked && asked !== own)
      fail("unsupported_parameter", `\`function_to_apply\`: this model's is ${own}.`, "function_to_apply");
  };
  switch (view) {
    case "labels":
    case "several":
      refuseFunction(view === "labels" ? "softmax" : "sigmoid");
      // A list of lists also for one text: the client throws on a flat one.
      return (outputs: readonly unknown[]) =>
        outputs.map((output) =>
          labelsSchema
            .parse(output)
            .labels.map(({ label, probability }) => ({ label, score: probability }))
            .sort((a, b) => b.score - a.score)
            .slice(0, topK ?? MAX_TOP_K),
        );
    case "spans":
      return (outputs: readonly unknown[], isList: boolean) => {
        const lists = outputs.map((output) =>
          spansSchema.parse(output).spans.map(({ label, text, start, end, confidence }) => ({
            entity_group: label,
            score: confidence,
            word: text,
            start,
            end,
          })),
        );
        return isList ? lists : lists[0];
      };
    case "text":
      return (outputs: readonly unknown[], isList: boolean) => {
        const answers = outputs.map((output) => {
          const { text, start, end, confidence } = answerSchema.parse(output);
          return { answer: text, score: confidence, start, end };
        });
        return isList ? answers : answers[0];
      };
    case "number":
      return (outputs: readonly unknown[]) => outputs.map((output) => (output as { value: number }).value);
    default:
      return fail(
        "task_unsupported",
        "This model's answers have no such shape; ask it at `/v1/predictions`.",
      );
  }
}
