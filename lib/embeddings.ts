import { z } from "zod";
import { AppError, fail } from "./errors";
import { deadlineOf, embedTexts, meter, modelFor, ownStrength, turnOf, withinBudget } from "./inference";
import { bytesOf } from "./ml/artifact";
import { BASES } from "./ml/catalogue";
import { isBase } from "./models";
import { MAX_BODY_BYTES, MAX_INPUTS } from "./prediction-wire";
import { route } from "./route";
import type { Serving } from "./serving";

/** `POST /v1/embeddings`: the unit-length sentence vectors of a pretrained base, or of a model tuned on one. */
const embeddingsBody = z.looseObject({
  model: z.string().min(1),
  input: z.unknown(),
  encoding_format: z.enum(["float", "base64"]).nullish(),
  dimensions: z.number().int().nullish(),
});

function textsOf(input: unknown): string[] {
  const list = Array.isArray(input) ? input : [input];
  if (list.some((item) => typeof item === "number" || Array.isArray(item)))
    fail("input_shape", "`input`: lists of token numbers are not read here. Send the text itself.", "input");
  const texts = list.filter((item) => typeof item === "string");
  if (texts.length !== list.length || texts.length === 0 || texts.length > MAX_INPUTS)
    throw new AppError("input_shape", { param: "input" });
  return texts;
}

/** Little-endian float32, which the clients ask for unless told otherwise. */
const toBase64 = (vector: Float32Array): string => Buffer.from(bytesOf(vector)).toString("base64");

/** From here on a float32's neighbours are further away than what rounding at the eleventh decimal place takes. */
const LEAST_ROUNDED = 2e-4;
/**
 * A float32 between -1 and 1 in no more digits than it needs to be read back as the same one: seventeen, which is what its
 * value as a double has, are half as many bytes again and take longer to write.
 */
export const shorten = (value: number): number =>
  Math.abs(value) < LEAST_ROUNDED ? value : Math.round(value * 1e11) / 1e11;

export const createEmbeddings = (serving: Serving) =>
  route(
    {
      auth: "tenant",
      permission: "predictions.create",
      body: embeddingsBody,
      bodyBytes: MAX_BODY_BYTES,
      isInference: true,
      isIdempotent: true,
    },
    async ({ actor, body, request, requestId }) => {
      const model = isBase(body.model) ? null : await modelFor(actor, body.model);
      const { hidden } = BASES[(model?.base ?? body.model) as keyof typeof BASES];
      if (typeof body.dimensions === "number" && body.dimensions !== hidden)
        fail("unsupported_parameter", `\`dimensions\`: this model has ${hidden}.`, "dimensions");
      const texts = textsOf(body.input);
      const signal = deadlineOf(request);
      const name = model?.name ?? body.model;
      const { vectors, tokens } = await withinBudget(serving, actor, name, texts.length, async () => {
        const { vectors, tokens } = await embedTexts(
          serving,
          actor.tenantId,
          model ?? body.model,
          texts,
          signal,
          turnOf(actor, request),
        );
        meter(serving, {
          actor,
          request,
          requestId,
          route: "/v1/embeddings",
          model: name,
          rows: texts.length,
          tokens,
          question: texts,
        });
        return { vectors, tokens };
      });
      return {
        object: "list",
        model: model?.name ?? body.model,
        ...(model && ownStrength(model)),
        data: vectors.map((vector, index) => ({
          object: "embedding",
          index,
          embedding: body.encoding_format === "base64" ? toBase64(vector) : Array.from(vector, shorten),
        })),
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      };
    },
  );
