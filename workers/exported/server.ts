import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { createId } from "@/lib/id";
import { type Exported, openExported } from "@/lib/ml/tasks/exported";
import {
  DEFAULT_TOP_K,
  MAX_BODY_BYTES,
  MAX_CHARACTERS,
  MAX_INPUTS,
  MAX_TOP_K,
  pickInput,
  rowProblem,
  thresholdFor,
  toItem,
  withholdingProblem,
} from "@/lib/prediction-wire";

/**
 * The server inside an exported model, bundled into one file: `POST /v1/predictions` with the platform's request and
 * response, `GET /healthz`. It reads its own folder and nothing else, and keeps no text.
 */
class Refusal extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly param: string | null = null,
  ) {
    super(message);
  }
}

interface Asked {
  rows: string[][];
  topK: number;
  threshold: number | null;
}

const isBetween = (value: unknown, low: number, high: number): value is number =>
  typeof value === "number" && value >= low && value <= high;
const isGiven = (value: unknown) => value !== undefined && value !== null;

function parseBody(body: unknown, model: Exported): Asked {
  if (typeof body !== "object" || body === null)
    throw new Refusal(400, "invalid_request", "The body must be an object.");
  const { model: name, input, top_k, threshold, abstain, ...others } = body as Record<string, unknown>;
  const invalid = (param: string, must: string) =>
    new Refusal(400, "invalid_request", `\`${param}\` must be ${must}.`, param);
  if (typeof name !== "string" || name === "") throw invalid("model", "the name of a model");
  if (name !== model.settings.model)
    throw new Refusal(
      404,
      "model_not_found",
      `This server answers \`${model.settings.model}\` alone.`,
      "model",
    );
  for (const param of ["nearest", "explain"])
    if (others[param])
      throw new Refusal(400, "unsupported_parameter", `An exported model does not do \`${param}\`.`, param);
  if (isGiven(top_k) && !(isBetween(top_k, 1, MAX_TOP_K) && Number.isInteger(top_k)))
    throw invalid("top_k", `a whole number from 1 to ${MAX_TOP_K}`);
  if (isGiven(threshold) && !isBetween(threshold, 0, 1)) throw invalid("threshold", "a number from 0 to 1");
  if (isGiven(abstain) && typeof abstain !== "boolean") throw invalid("abstain", "true or false");
  const limits = {
    ...(typeof threshold === "number" ? { threshold } : {}),
    ...(typeof abstain === "boolean" ? { abstain } : {}),
  };
  const rows = rowsOf(input, model.inputs);
  const withheldBelow = thresholdFor(limits, () => model.abstainBelow ?? 0);
  if (withheldBelow !== null && model.abstainBelow === null) {
    const [param, why] = withholdingProblem(limits);
    throw new Refusal(400, "unsupported_parameter", why, param);
  }
  return { rows, topK: typeof top_k === "number" ? top_k : DEFAULT_TOP_K, threshold: withheldBelow };
}

/** The texts of each row, in the order of their names. */
function rowsOf(input: unknown, names: readonly string[]): string[][] {
  const rows = Array.isArray(input) ? input : [input];
  if (rows.length === 0 || rows.length > MAX_INPUTS)
    throw new Refusal(400, "input_shape", `\`input\` must hold 1 to ${MAX_INPUTS} rows.`, "input");
  return rows.map((row, index) => {
    const picked = pickInput(row, names);
    const texts = names.length > 1 ? names.map((name) => textIn(picked, name)) : [picked];
    if (texts.every((text) => typeof text === "string")) return texts;
    throw new Refusal(400, "input_shape", rowProblem(index, names), "input");
  });
}

const textIn = (row: unknown, name: string): unknown =>
  typeof row === "object" && row !== null ? (row as Record<string, unknown>)[name] : undefined;

async function readBody(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new Refusal(413, "body_too_large", "The body is too large.");
    chunks.push(chunk);
  }
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(Buffer.concat(chunks)));
  } catch {
    throw new Refusal(400, "json_invalid", "The body is not valid JSON.");
  }
}

async function predict(model: Exported, body: unknown) {
  const { rows, topK, threshold } = parseBody(body, model);
  const answers = await model.predict(
    rows.map((texts) => texts.map((text) => text.slice(0, MAX_CHARACTERS))),
    topK,
  );
  const isLong = rows.map((texts) => texts.some((text) => text.length > MAX_CHARACTERS));
  return {
    id: createId("prediction"),
    object: "list",
    model: model.settings.model,
    created: Math.floor(Date.now() / 1000),
    data: answers.map(({ output, truncated }, n) => toItem(output, n, truncated || isLong[n], threshold)),
    usage: { inputs: rows.length, tokens: answers.reduce((sum, { tokens }) => sum + tokens, 0) },
  };
}

async function answer(model: Exported, request: IncomingMessage): Promise<unknown> {
  const { pathname } = new URL(request.url ?? "/", "http://localhost");
  if (pathname === "/healthz") return { status: "ok", model: model.settings.model };
  if (pathname !== "/v1/predictions") throw new Refusal(404, "not_found", "There is nothing here.");
  if (request.method !== "POST")
    throw new Refusal(405, "method_not_allowed", "This path does not answer this method.");
  return predict(model, await readBody(request));
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json", "x-request-id": createId("request") });
  response.end(JSON.stringify(body));
}

const { values } = parseArgs({
  options: {
    port: { type: "string", default: "8080" },
    host: { type: "string", default: "127.0.0.1" },
    threads: { type: "string", default: "0" },
  },
});
const model = await openExported(dirname(fileURLToPath(import.meta.url)), Number(values.threads));
const server = createServer(async (request, response) => {
  try {
    send(response, 200, await answer(model, request));
  } catch (error) {
    const refusal =
      error instanceof Refusal ? error : new Refusal(500, "internal_error", "Something went wrong.");
    if (refusal !== error) console.error(error);
    const { status, code, message, param } = refusal;
    const type = status < 500 ? "invalid_request_error" : "server_error";
    send(response, status, { error: { message, type, param, code } });
  }
});
server.listen(Number(values.port), values.host, () => {
  const { port } = server.address() as { port: number };
  console.log(`${model.settings.model} answers at http://${values.host}:${port}/v1/predictions`);
});
for (const signal of ["SIGINT", "SIGTERM"] as const)
  process.on(signal, () => {
    server.close(() => process.exit(0));
    server.closeIdleConnections();
  });
