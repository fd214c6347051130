import { type Call, callsOf, type Schema } from "../../lib/api/calls";

/** A typed client of one file without dependencies, for browsers, Node and whatever else has `fetch`. */

const quoted = (name: string) => (/^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name));

function typeOf(schema: Schema | boolean | undefined): string {
  if (typeof schema !== "object" || Object.keys(schema).length === 0) return "unknown";
  if (schema.$ref) return nameOf(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  const any = schema.anyOf ?? schema.oneOf;
  if (any) return [...new Set(any.map(typeOf))].join(" | ");
  if (Array.isArray(schema.type)) return schema.type.map((type) => typeOf({ ...schema, type })).join(" | ");
  switch (schema.type) {
    case "string":
      return "string";
    case "number":
    case "integer":
      return "number";
    case "boolean":
      return "boolean";
    case "null":
      return "null";
    case "array":
      return `Array<${typeOf(schema.items)}>`;
    case "object":
      return objectOf(schema);
    default:
      return "unknown";
  }
}

const nameOf = (ref: string) => ref.split("/").at(-1) ?? "unknown";

function objectOf({ properties = {}, required = [], additionalProperties }: Schema): string {
  const fields = Object.entries(properties).map(
    ([name, schema]) => `${quoted(name)}${required.includes(name) ? "" : "?"}: ${typeOf(schema)}`,
  );
  if (fields.length === 0)
    return typeof additionalProperties === "object"
      ? `Record<string, ${typeOf(additionalProperties)}>`
      : "Record<string, unknown>";
  return `{ ${fields.join("; ")} }`;
}

function methodOf(call: Call): string {
  const { name, summary, method, path, inPath, inQuery, body, form, answer } = call;
  const isNeeded = inQuery.some(({ required }) => required);
  const query = `{ ${inQuery.map((one) => `${quoted(one.name)}${one.required ? "" : "?"}: ${typeOf(one.schema)}`).join("; ")} }`;
  const fields = form ? `{ ${form.fields.map((field) => `${field}?: string`).join("; ")} }` : "";
  const parameters = [
    ...inPath.map((one) => `${one}: string`),
    ...(body ? [`body: ${typeOf(body)}`] : []),
    ...(form
      ? ["file: Blob", `fields: ${form.fields.length > 0 ? `${fields} = {}` : "Record<string, never> = {}"}`]
      : []),
    ...(inQuery.length > 0 ? [`query: ${query}${isNeeded ? "" : " = {}"}`] : []),
    "options: RequestOptions = {}",
  ];
  const address = `\`${path.replaceAll(/\{(\w+)\}/g, (_, one) => `\${encodeURIComponent(${one})}`)}\``;
  const sent = [
    ...(body ? ["body"] : []),
    ...(form ? [`form: [${JSON.stringify(form.file)}, file, fields]`] : []),
    ...(inQuery.length > 0 ? ["query"] : []),
  ];
  const asked = `${JSON.stringify(method)}, ${address}, { ${[...sent, "...options"].join(", ")} }`;
  const [ask, type] = answer ? ["json", `<${typeOf(answer)}>`] : ["bytes", ""];
  const answered = answer ? typeOf(answer) : "Blob";
  return `  /** ${summary} */
  ${name}(${parameters.join(", ")}): Promise<${answered}> {
    return this.${ask}${type}(${asked});
  }
`;
}

const HEAD = `// Made from clients/openapi.json; do not change it by hand.

/** What the service refused, with what to do in the message. */
export class GraftError extends Error {
  override readonly name = "GraftError";
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly param: string | null,
    readonly requestId: string | null,
  ) {
    super(message);
  }
}

export interface RequestOptions {
  signal?: AbortSignal;
  /** Asked again with the same key, the same answer is given again. */
  idempotencyKey?: string;
}
interface Sent extends RequestOptions {
  body?: unknown;
  form?: [field: string, file: Blob, fields: Record<string, string | undefined>];
  query?: Record<string, unknown>;
}

/* types */

const RETRIED = [408, 409, 429, 500, 502, 503, 504];
const MOST_WAIT_MS = 60_000;

export class Graft {
  constructor(
    private readonly settings: { apiKey: string; baseUrl: string; maxRetries?: number; fetch?: typeof fetch },
  ) {}

  private async ask(method: string, path: string, { body, form, query = {}, signal, idempotencyKey }: Sent): Promise<Response> {
    const { apiKey, baseUrl, maxRetries = 2, fetch: send = fetch } = this.settings;
    const url = new URL(path, baseUrl);
    for (const [name, value] of Object.entries(query)) if (value !== undefined) url.searchParams.set(name, String(value));
    const headers: Record<string, string> = { authorization: \`Bearer \${apiKey}\` };
    if (body !== undefined) headers["content-type"] = "application/json";
    if (idempotencyKey !== undefined) headers["idempotency-key"] = idempotencyKey;
    for (let tries = 0; ; tries++) {
      const data = form && new FormData();
      if (form && data) {
        for (const [name, value] of Object.entries(form[2])) if (value !== undefined) data.set(name, value);
        data.set(form[0], form[1]);
      }
      const response = await send(url, {
        method,
        headers,
        ...(signal ? { signal } : {}),
        ...(data ? { body: data } : body !== undefined ? { body: JSON.stringify(body) } : {}),
      });
      if (response.ok) return response;
      const again = response.headers.get("x-should-retry");
      const mayRetry = again === null ? RETRIED.includes(response.status) : again === "true";
      if (!mayRetry || tries >= maxRetries) throw await errorOf(response);
      const told = Number(response.headers.get("retry-after-ms") ?? 500 * 2 ** tries);
      await new Promise((done) => setTimeout(done, Math.min(told, MOST_WAIT_MS)));
    }
  }
  private async json<T>(method: string, path: string, sent: Sent): Promise<T> {
    return (await (await this.ask(method, path, sent)).json()) as T;
  }
  private async bytes(method: string, path: string, sent: Sent): Promise<Blob> {
    return (await this.ask(method, path, sent)).blob();
  }

`;

const TAIL = `}

async function errorOf(response: Response): Promise<GraftError> {
  const text = await response.text();
  let error: Partial<ErrorAnswer["error"]> = {};
  try {
    error = (JSON.parse(text) as Partial<ErrorAnswer>).error ?? {};
  } catch {
    // Something in between answered.
  }
  const { code = "unknown", message = text.slice(0, 200), param = null } = error;
  return new GraftError(response.status, code, message, param, response.headers.get("x-request-id"));
}
`;

export function typescriptClient(document: Record<string, unknown>): string {
  const { schemas } = document.components as { schemas: Record<string, Schema> };
  const types = Object.entries(schemas).map(([name, schema]) => `export type ${name} = ${typeOf(schema)};\n`);
  return HEAD.replace("/* types */\n", types.join("")) + callsOf(document).map(methodOf).join("\n") + TAIL;
}
