/** The parts of an OpenAPI document that clients are made of. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  items?: Schema | boolean;
  properties?: Record<string, Schema>;
  additionalProperties?: Schema | boolean;
  required?: string[];
  $ref?: string;
}
interface Content {
  schema: Schema;
}
interface ApiOperation {
  operationId: string;
  summary: string;
  parameters?: { name: string; in: "path" | "query" | "header"; required: boolean; schema: Schema }[];
  requestBody?: { content: Record<string, Content> };
  responses: Record<string, { content?: Record<string, Content> }>;
}

export interface Call {
  name: string;
  summary: string;
  method: string;
  path: string;
  inPath: string[];
  inQuery: { name: string; required: boolean; schema: Schema }[];
  body: Schema | undefined;
  /** The field that holds the file, and the others. */
  form: { file: string; fields: string[] } | undefined;
  /** Undefined for what is no JSON. */
  answer: Schema | undefined;
}

const JSON_TYPE = "application/json";

export function callsOf(document: { paths?: unknown }): Call[] {
  const paths = document.paths as Record<string, Record<string, ApiOperation>>;
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      const { operationId: name, summary, parameters = [], requestBody, responses } = operation;
      const form = requestBody?.content["multipart/form-data"]?.schema;
      const [file = ""] = form?.required ?? [];
      return {
        ...{ name, summary, method: method.toUpperCase(), path },
        inPath: parameters.filter((one) => one.in === "path").map((one) => one.name),
        inQuery: parameters.filter((one) => one.in === "query"),
        body: requestBody?.content[JSON_TYPE]?.schema,
        form: form && { file, fields: Object.keys(form.properties ?? {}).filter((field) => field !== file) },
        answer: responses["200"]?.content?.[JSON_TYPE]?.schema,
      };
    }),
  );
}
