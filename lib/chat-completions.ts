import { z } from "zod";
import { answerCall } from "./call";
import type { Answering } from "./deployments";
import { AppError, fail } from "./errors";
import { explainSchema } from "./explanations";
import { predictionIdOf } from "./id";
import { inputsOf, modelFor, ownStrength } from "./inference";
import type { Explanation } from "./ml/contract";
import type { ChatAnswer } from "./ml/task";
import { MAX_BODY_BYTES } from "./prediction-wire";
import { route } from "./route";
import type { Serving } from "./serving";
import { taskOf } from "./tasks";

/** `POST /v1/chat/completions`: a model behind OpenAI's chat shape. The answer is the message, one token. */
const part = z.looseObject({ type: z.string(), text: z.string().optional() });
const message = z.looseObject({
  role: z.string(),
  content: z.union([z.string(), z.array(part)]).nullish(),
});
/** Sampling fields (temperature, max_tokens, seed, stop, user ...) mean nothing to a label and are let through. */
const chatBody = z.looseObject({
  model: z.string().min(1),
  messages: z.array(message).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  logprobs: z.boolean().nullish(),
  top_logprobs: z.number().int().min(0).max(20).nullish(),
  n: z.number().int().nullish(),
  /** Ours: as on `/v1/predictions`; the explanation comes back under `graft`. */
  explain: explainSchema,
});
type Body = z.infer<typeof chatBody>;

/** Parameters that ask for something a label cannot be. */
function refuse(body: Body): void {
  const no = (param: string, why: string): never =>
    fail("unsupported_parameter", `\`${param}\`: ${why}.`, param);
  if (typeof body.n === "number" && body.n !== 1) no("n", "the model has one answer, so only 1");
  for (const name of ["tools", "functions"])
    if (Array.isArray(body[name]) && body[name].length > 0) no(name, "the model answers and calls no tools");
  const format = body.response_format as { type?: unknown } | null | undefined;
  if (format && format.type !== "text") no("response_format", "the answer is plain text, so only `text`");
  if (Array.isArray(body.modalities) && body.modalities.includes("audio"))
    no("modalities", "the answer is text");
  if (typeof body.top_logprobs === "number" && !body.logprobs)
    no("top_logprobs", "needs `logprobs` to be true");
}

/** The last user turn, as in training; its text parts joined by a line break. */
export function questionOf(messages: Body["messages"]): string {
  const last = messages.findLast((turn) => turn.role === "user");
  if (!last) fail("input_shape", "`messages` needs a turn of the user.", "messages");
  if (typeof last.content === "string") return last.content;
  return (last.content ?? [])
    .map((piece) => {
      if (piece.type === "text" && piece.text !== undefined) return piece.text;
      return fail(
        "unsupported_parameter",
        `\`messages\`: a part of type \`${piece.type}\` is not read.`,
        "messages",
      );
    })
    .join("\n");
}

/** The format's own word for "very unlikely". */
const LEAST = -9999;
const logprobOf = (label: string, probability: number) => ({
  token: label,
  logprob: Math.max(LEAST, Math.log(probability)),
  bytes: [...Buffer.from(label)],
});

/** Null where the answer is not one of a list. */
function logprobsOf(body: Body, { content, choices }: ChatAnswer) {
  const chosen = choices.find(({ label }) => label === content);
  if (!body.logprobs || !chosen) return null;
  const top = choices.slice(0, body.top_logprobs ?? 0);
  const top_logprobs = top.map((entry) => logprobOf(entry.label, entry.probability));
  return { content: [{ ...logprobOf(content, chosen.probability), top_logprobs }], refusal: null };
}

/** What the shape has no place for. */
function ownPart(model: Answering, output: unknown) {
  const { explanation } = output as { explanation?: Explanation };
  const { graft } = ownStrength(model);
  return explanation || graft ? { graft: { ...graft, ...(explanation && { explanation }) } } : {};
}

type Head = { id: string; created: number; model: string };
type Usage = { prompt_tokens: number; completion_tokens: number; total_tokens: number };

function streamed(head: Head, answer: ChatAnswer, own: object, body: Body, usage: Usage): Response {
  const withUsage = body.stream_options?.include_usage === true;
  const base = { ...head, object: "chat.completion.chunk", ...(withUsage ? { usage: null } : {}) };
  const chunk = (delta: object, finish: string | null, logprobs: unknown = null) => ({
    ...base,
    choices: [{ index: 0, delta, logprobs, finish_reason: finish }],
  });
  const chunks: object[] = [
    chunk({ role: "assistant", content: "", refusal: null }, null),
    chunk({ content: answer.content }, null, logprobsOf(body, answer)),
    { ...chunk({}, "stop"), ...own },
    ...(withUsage ? [{ ...base, choices: [], usage }] : []),
  ];
  const text = `${chunks.map((item) => `data: ${JSON.stringify(item)}\n\n`).join("")}data: [DONE]\n\n`;
  return new Response(text, {
    headers: { "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache" },
  });
}

export const createChatCompletion = (serving: Serving) =>
  route(
    {
      auth: "tenant",
      permission: "predictions.create",
      body: chatBody,
      bodyBytes: MAX_BODY_BYTES,
      isInference: true,
      isIdempotent: true,
    },
    async ({ actor, body, request, requestId }) => {
      const model = await modelFor(actor, body.model);
      refuse(body);
      const question = questionOf(body.messages);
      const inputs = inputsOf(model, question);
      const ask = { topK: Math.max(1, body.top_logprobs ?? 0), nearest: 0 };
      const answered = await answerCall(serving, {
        ...{ actor, request, requestId, model, inputs, ask, question },
        route: "/v1/chat/completions",
        explain: body.explain,
      });
      const { tokens } = answered;
      const [output] = answered.outputs;
      if (!output) throw new AppError("internal_error");
      const answer = taskOf(model.task).chat(output);
      const head = {
        id: predictionIdOf(answered.eventId, "chat"),
        created: Math.floor(Date.now() / 1000),
        model: model.name,
      };
      const usage = { prompt_tokens: tokens, completion_tokens: 1, total_tokens: tokens + 1 };
      const own = ownPart(model, output);
      if (body.stream) return streamed(head, answer, own, body, usage);
      return {
        ...head,
        object: "chat.completion",
        ...own,
        choices: [
          {
            index: 0,
            finish_reason: "stop",
            message: { role: "assistant", content: answer.content, refusal: null },
            logprobs: logprobsOf(body, answer),
          },
        ],
        usage,
      };
    },
  );
