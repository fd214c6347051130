import { type ZodType, z } from "zod";
import * as answers from "./answers";
import { OPERATIONS, type Operation } from "./operations";

/** OpenAPI 3.1 of `/v1`, made of the very schemas that the routes read requests with. Pure. */

/** A method of a route, as `route()` made it. */
export interface RouteOptions {
  permission?: string | undefined;
  params?: ZodType | undefined;
  query?: ZodType | undefined;
  body?: ZodType | undefined;
  isIdempotent?: boolean | undefined;
}
/** By `GET /v1/files/{id}`. */
export type Routes = Readonly<Record<string, RouteOptions>>;

type Schema = Record<string, unknown>;

const schemaOf = (schema: ZodType, io: "input" | "output"): Schema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: "any" }) as Schema;
  return rest;
};

const PROBLEMS: [status: string, description: string][] = [
  ["400", "The request is not right; `param` names what, the message what to do."],
  ["401", "The key is not known."],
  ["403", "The key may not do this."],
  ["404", "It is not there, or not yours."],
  ["409", "The state does not allow this now."],
  ["429", "Too much: wait as `retry-after` says, unless `x-should-retry` is `false`."],
  ["503", "Away for a moment: ask again."],
];

/** Every answer by the name of its kind. */
const NAMED = Object.entries(answers)
  .flatMap(([name, schema]) =>
    typeof schema === "function"
      ? []
      : [[name.charAt(0).toUpperCase() + name.slice(1), schema as ZodType] as const],
  )
  .sort(([a], [b]) => (a < b ? -1 : 1));

function answerSchema({ answer, isList }: Operation): Schema {
  const [name] = NAMED.find(([, schema]) => schema === answer) ?? [];
  if (name === undefined) throw new Error("an answer is not one of lib/api/answers.ts");
  const item = { $ref: `#/components/schemas/${name}` };
  if (!isList) return item;
  return {
    type: "object",
    properties: {
      object: { const: "list" },
      data: { type: "array", items: item },
      has_more: { type: "boolean" },
    },
    required: ["object", "data"],
  };
}

function parametersOf(path: string, { query }: RouteOptions): Schema[] {
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: "path", required: true, schema: { type: "string" } },
  }));
  if (!query) return inPath;
  const { properties = {}, required = [] } = schemaOf(query, "input") as {
    properties?: Record<string, Schema>;
    required?: string[];
  };
  const inQuery = Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: "query", required: required.includes(name), schema },
  }));
  return [...inPath, ...inQuery];
}

function requestBodyOf({ body }: RouteOptions, { form }: Operation): Schema | undefined {
  if (form) {
    const fields = Object.fromEntries(form.fields.map((name) => [name, { type: "string" }]));
    const properties = { ...fields, [form.file]: { type: "string", contentEncoding: "binary" } };
    const schema = { type: "object", properties, required: [form.file] };
    return { required: true, content: { "multipart/form-data": { schema } } };
  }
  if (!body) return undefined;
  return { required: true, content: { "application/json": { schema: schemaOf(body, "input") } } };
}

export function openApiDocument(routes: Routes): Schema {
  const paths: Record<string, Record<string, Schema>> = {};
  for (const [name, options] of Object.entries(routes)) {
    const [method = "", path = ""] = name.split(" ");
    const operation = OPERATIONS[name];
    if (!operation) throw new Error(`${name} has no entry in lib/api/operations.ts`);
    const requestBody = requestBodyOf(options, operation);
    const answer = operation.answer
      ? { "application/json": { schema: answerSchema(operation) } }
      : { "application/octet-stream": { schema: {} } };
    const parameters = parametersOf(path, options);
    if (options.isIdempotent)
      parameters.push({
        ...{
          name: "Idempotency-Key",
          in: "header",
          required: false,
          schema: { type: "string", maxLength: 255 },
        },
        description: "Asked again with the same key, the same answer is given again.",
      });
    paths[path] ??= {};
    paths[path][method.toLowerCase()] = {
      ...{ operationId: operation.name, summary: operation.summary, tags: [path.split("/")[2]] },
      ...(options.permission ? { description: `Needs the scope \`${options.permission}\`.` } : {}),
      ...(parameters.length > 0 ? { parameters } : {}),
      ...(requestBody ? { requestBody } : {}),
      responses: {
        "200": { description: "Done.", content: answer },
        ...Object.fromEntries(
          PROBLEMS.map(([status]) => [status, { $ref: `#/components/responses/${status}` }]),
        ),
      },
    };
  }
  return {
    openapi: "3.1.0",
    info: {
      title: "Graft",
      version: "1",
      description: "Private models, fine-tuned on your data and served to the clients that you have.",
    },
    servers: [{ url: "/" }],
    security: [{ key: [] }],
    components: {
      securitySchemes: { key: { type: "http", scheme: "bearer" } },
      schemas: Object.fromEntries(NAMED.map(([name, schema]) => [name, schemaOf(schema, "output")])),
      responses: Object.fromEntries(
        PROBLEMS.map(([status, description]) => [status, { description, content: PROBLEM_CONTENT }]),
      ),
    },
    paths: Object.fromEntries(Object.entries(paths).sort(([a], [b]) => (a < b ? -1 : 1))),
  };
}

const PROBLEM_CONTENT = { "application/json": { schema: { $ref: "#/components/schemas/ErrorAnswer" } } };
