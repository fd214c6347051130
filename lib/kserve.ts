import { z } from "zod";
import { answerCall } from "./call";
import { fail, plainErrorResponse } from "./errors";
import { inputsOf, modelFor } from "./inference";
import {
  type Column,
  HEADER_LENGTH,
  type OutTensor,
  readColumns,
  tensorSchema,
  tensorsResponse,
} from "./kserve-tensors";
import type { Model } from "./models";
import { MAX_BODY_BYTES, MAX_TOP_K } from "./prediction-wire";
import { jsonOf, readBytes } from "./request-body";
import { route } from "./route";
import type { Serving } from "./serving";
import { inputNames, taskOf } from "./tasks";

/** The Open Inference Protocol v2 on one model: `/v2/models/{model}[/versions/{version}]`, with binary tensors. */

/** A model of a name never changes, so each has the one version. */
const VERSION = "1";

const modelParams = z.object({ model: z.string(), version: z.string().optional() });
const options = { auth: "tenant", permission: "predictions.create", refusal: plainErrorResponse } as const;

function checkVersion(version: string | undefined): void {
  if (version !== undefined && version !== VERSION)
    fail("not_found", `There is no version ${version}; each model has the version ${VERSION}.`);
}

const isOne = (view: string) => view === "labels";
/** The tensors of an answer, each with its datatype and what stands behind the rows' dimension. */
function outputsOf({
  task,
  report,
}: Pick<Model, "task" | "report">): [string, OutTensor["datatype"], boolean][] {
  const { view } = taskOf(task);
  if (view === "number") return [["value", "FP32", false]];
  if (view !== "labels" && view !== "several") return [["answer", "BYTES", false]];
  if (report.labels.length === 0) return [["answer", "BYTES", false]];
  return [
    isOne(view) ? ["label", "BYTES", false] : ["assigned", "BOOL", true],
    ["probabilities", "FP32", true],
    ["label_names", "BYTES", true],
  ];
}
const namesOf = ({ task, report }: Model): string[] =>
  report.columns ? report.columns.map(({ name }) => name) : inputNames(taskOf(task));

const labelledSchema = z.object({
  label: z.string().optional(),
  labels: z.array(z.object({ label: z.string(), probability: z.number(), assigned: z.boolean().optional() })),
});

/** `outputs` are the task's, every label's probability among them. */
function tensorsOf(model: Model, outputs: readonly unknown[]): OutTensor[] {
  const rows = outputs.length;
  const names = model.report.labels;
  const labelled = () => outputs.map((output) => labelledSchema.parse(output));
  const each = <T>(pick: (of: { probability: number; assigned?: boolean | undefined } | undefined) => T) =>
    labelled().flatMap(({ labels }) => {
      const by = new Map(labels.map((one) => [one.label, one]));
      return names.map((name) => pick(by.get(name)));
    });
  const dataOf: Record<string, () => OutTensor["data"]> = {
    label: () => labelled().map(({ label }) => label ?? ""),
    probabilities: () => each((one) => one?.probability ?? 0),
    assigned: () => each((one) => one?.assigned ?? false),
    label_names: () => names,
    value: () => outputs.map((output) => (output as { value: number }).value),
    answer: () => outputs.map((output) => JSON.stringify(output)),
  };
  return outputsOf(model).map(([name, datatype, isByLabel]) => {
    const shape = name === "label_names" ? [names.length] : isByLabel ? [rows, names.length] : [rows];
    return { name, datatype, shape, data: dataOf[name]?.() ?? [] };
  });
}

/** Rows from tensors: named as the model's columns; the one column of a model may have any name. */
function rowsOf(model: Model, columns: readonly Column[]): unknown[] {
  const names = namesOf(model);
  const [first] = columns;
  if (columns.length === 0 || !first) return fail("input_shape", "`inputs` has no tensor.", "inputs");
  if (names.length === 1 && columns.length === 1) return first.values;
  return first.values.map((_, row) =>
    Object.fromEntries(columns.map(({ name, values }) => [name, values[row]])),
  );
}

const inferSchema = z.looseObject({
  id: z.string().max(200).optional(),
  parameters: z.looseObject({ binary_data_output: z.boolean().optional() }).optional(),
  inputs: z.array(tensorSchema).max(200),
  outputs: z
    .array(
      z.looseObject({
        name: z.string(),
        parameters: z.looseObject({ binary_data: z.boolean().optional() }).optional(),
      }),
    )
    .optional(),
});

/** The JSON of a request, and what lies behind it. */
async function readMessage(request: Request) {
  const bytes = await readBytes(request, MAX_BODY_BYTES);
  const announced = request.headers.get(HEADER_LENGTH);
  const length = announced === null ? bytes.length : Number(announced);
  if (!Number.isInteger(length) || length < 0 || length > bytes.length)
    fail("invalid_request", `\`${HEADER_LENGTH}\` is not a number of bytes of this body.`);
  const parsed = inferSchema.safeParse(jsonOf(bytes.subarray(0, length)));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return fail("invalid_request", `\`${issue?.path.join(".")}\`: ${issue?.message}.`);
  }
  return { message: parsed.data, binary: bytes.subarray(length) };
}

export const createInfer = (serving: Serving) =>
  route(
    { ...options, params: modelParams, isInference: true, isIdempotent: true, bodyBytes: MAX_BODY_BYTES },
    async ({ actor, params, request, requestId }) => {
      checkVersion(params.version);
      const model = await modelFor(actor, params.model);
      const { message, binary } = await readMessage(request);
      const known = outputsOf(model).map(([name]) => name);
      const asked = message.outputs?.length
        ? message.outputs
        : known.map((name) => ({ name, parameters: undefined }));
      const unknown = asked.find(({ name }) => !known.includes(name));
      if (unknown)
        fail(
          "invalid_request",
          `There is no output \`${unknown.name}\`; this model has ${known.join(", ")}.`,
          "outputs",
        );
      const rows = rowsOf(model, readColumns(message.inputs, binary));
      const { outputs } = await answerCall(serving, {
        ...{ actor, request, requestId, model },
        route: "/v2/models/infer",
        inputs: inputsOf(model, rows),
        ask: { topK: MAX_TOP_K, nearest: 0 },
        question: rows,
      });
      const binaryByName = new Map(asked.map(({ name, parameters }) => [name, parameters?.binary_data]));
      const isBinary = (name: string) =>
        binaryByName.get(name) ?? message.parameters?.binary_data_output ?? false;
      const head = {
        model_name: model.name,
        model_version: VERSION,
        ...(message.id === undefined ? {} : { id: message.id }),
      };
      const tensors = tensorsOf(model, outputs).filter(({ name }) => binaryByName.has(name));
      return tensorsResponse(head, tensors, isBinary);
    },
  );

export const createModelMetadata = () =>
  route({ ...options, params: modelParams }, async ({ actor, params }) => {
    checkVersion(params.version);
    const model = await modelFor(actor, params.model);
    const { columns, labels } = model.report;
    const numbers = new Set(columns?.filter(({ kind }) => kind === "number").map(({ name }) => name));
    return {
      name: model.name,
      versions: [VERSION],
      platform: "graft",
      inputs: namesOf(model).map((name) => ({
        name,
        datatype: numbers.has(name) ? "FP64" : "BYTES",
        shape: [-1],
      })),
      outputs: outputsOf(model).map(([name, datatype, isByLabel]) => ({
        name,
        datatype,
        shape: name === "label_names" ? [labels.length] : isByLabel ? [-1, labels.length] : [-1],
      })),
    };
  });

export const createModelReady = () =>
  route({ ...options, params: modelParams }, async ({ actor, params }) => {
    checkVersion(params.version);
    const { name } = await modelFor(actor, params.model);
    return { name, ready: true };
  });

export const serverMetadata = { name: "graft", version: "2", extensions: ["binary_tensor_data"] };
