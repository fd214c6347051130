import { z } from "zod";
import { fail } from "./errors";

/**
 * Tensors of the Open Inference Protocol v2 (KServe), as JSON and in Triton's binary extension: the numbers lie behind the
 * JSON, whose length is a header, in the order of the tensors.
 * Source: Open Inference Protocol (REST) and Triton's "Binary Tensor Data Extension".
 */
const DATATYPES = {
  BOOL: [1, (view, at) => view.getUint8(at) !== 0],
  UINT8: [1, (view, at) => view.getUint8(at)],
  UINT16: [2, (view, at) => view.getUint16(at, true)],
  UINT32: [4, (view, at) => view.getUint32(at, true)],
  UINT64: [8, (view, at) => Number(view.getBigUint64(at, true))],
  INT8: [1, (view, at) => view.getInt8(at)],
  INT16: [2, (view, at) => view.getInt16(at, true)],
  INT32: [4, (view, at) => view.getInt32(at, true)],
  INT64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  FP32: [4, (view, at) => view.getFloat32(at, true)],
  FP64: [8, (view, at) => view.getFloat64(at, true)],
} as const satisfies Record<string, readonly [number, (view: DataView, at: number) => unknown]>;
type Numeric = keyof typeof DATATYPES;
const isNumeric = (datatype: string): datatype is Numeric => Object.hasOwn(DATATYPES, datatype);

const parameters = z.looseObject({ binary_data_size: z.number().int().min(0).optional() }).optional();
export const tensorSchema = z.looseObject({
  name: z.string().min(1).max(200),
  shape: z.array(z.number().int().min(0)).min(1).max(8),
  datatype: z.string(),
  parameters,
  data: z.array(z.unknown()).optional(),
});
type WireTensor = z.infer<typeof tensorSchema>;

/** One value a row. */
export interface Column {
  name: string;
  values: unknown[];
}

/** The tensors of a request, of which each holds one value a row. Throws `input_shape` and says what is wrong. */
export function readColumns(tensors: readonly WireTensor[], binary: Buffer): Column[] {
  let at = 0;
  const columns = tensors.map((tensor) => {
    const rows = tensor.shape.reduce((product, size) => product * size, 1);
    if (tensor.shape.slice(1).some((size) => size !== 1))
      refuse(tensor, `has the shape [${tensor.shape}]; a row is one value, so [${tensor.shape[0]}]`);
    const size = tensor.parameters?.binary_data_size;
    if (size === undefined) return { name: tensor.name, values: fromJson(tensor, rows) };
    const bytes = binary.subarray(at, at + size);
    if (bytes.length < size) refuse(tensor, `announces ${size} bytes; there are ${bytes.length}`);
    at += size;
    return { name: tensor.name, values: fromBytes(tensor, rows, bytes) };
  });
  if (at < binary.length)
    fail("input_shape", `${binary.length - at} bytes behind the last tensor.`, "inputs");
  const lengths = new Set(columns.map(({ values }) => values.length));
  if (lengths.size > 1)
    fail("input_shape", "The tensors of `inputs` differ in their number of rows.", "inputs");
  return columns;
}

const refuse = ({ name }: WireTensor, why: string): never =>
  fail("input_shape", `The tensor \`${name}\` ${why}.`, "inputs");

function fromJson(tensor: WireTensor, rows: number): unknown[] {
  if (!tensor.data) return refuse(tensor, "has neither `data` nor `binary_data_size`");
  const values = tensor.data.flat(8);
  if (values.length !== rows) refuse(tensor, `has ${values.length} values for the shape [${tensor.shape}]`);
  const isRight = (value: unknown) => {
    if (tensor.datatype === "BYTES") return typeof value === "string";
    return typeof value === (tensor.datatype === "BOOL" ? "boolean" : "number");
  };
  if (tensor.datatype !== "BYTES" && !isNumeric(tensor.datatype)) refuseType(tensor);
  if (!values.every(isRight)) refuse(tensor, `has values that are no ${tensor.datatype}`);
  return values;
}

const refuseType = (tensor: WireTensor): never =>
  refuse(tensor, `has the datatype ${tensor.datatype}; read are BYTES, ${Object.keys(DATATYPES).join(", ")}`);

function fromBytes(tensor: WireTensor, rows: number, bytes: Buffer): unknown[] {
  const { datatype } = tensor;
  if (datatype === "BYTES") return textsOf(tensor, rows, bytes);
  if (!isNumeric(datatype)) return refuseType(tensor);
  const [width, read] = DATATYPES[datatype];
  if (bytes.length !== rows * width)
    refuse(tensor, `has ${bytes.length} bytes for ${rows} values of ${datatype}`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Array.from({ length: rows }, (_, n) => read(view, n * width));
}

/** Each text behind its length, four bytes little-endian. */
function textsOf(tensor: WireTensor, rows: number, bytes: Buffer): string[] {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  const texts: string[] = [];
  let at = 0;
  while (at + 4 <= bytes.length) {
    const end = at + 4 + bytes.readUInt32LE(at);
    if (end > bytes.length) break;
    try {
      texts.push(utf8.decode(bytes.subarray(at + 4, end)));
    } catch {
      refuse(tensor, `has a text at ${texts.length} that is not UTF-8`);
    }
    at = end;
  }
  if (at !== bytes.length || texts.length !== rows)
    refuse(tensor, `has ${texts.length} whole texts for the shape [${tensor.shape}]`);
  return texts;
}

export interface OutTensor {
  name: string;
  shape: number[];
  datatype: "BYTES" | "FP32" | "BOOL";
  data: (string | number | boolean)[];
}

function toBytes({ datatype, data }: OutTensor): Buffer {
  if (datatype === "BOOL") return Buffer.from(data.map(Number));
  if (datatype === "FP32") {
    const bytes = Buffer.alloc(data.length * 4);
    for (const [n, value] of data.entries()) bytes.writeFloatLE(Number(value), n * 4);
    return bytes;
  }
  return Buffer.concat(
    data.flatMap((value) => {
      const text = Buffer.from(String(value));
      const length = Buffer.alloc(4);
      length.writeUInt32LE(text.length);
      return [length, text];
    }),
  );
}

/** How many bytes of a message are JSON, where binary tensors follow. */
export const HEADER_LENGTH = "inference-header-content-length";

/** An answer of tensors, of which those that `isBinary` names lie behind the JSON. */
export function tensorsResponse(
  head: object,
  tensors: readonly OutTensor[],
  isBinary: (name: string) => boolean,
): Response {
  const behind: Buffer[] = [];
  const outputs = tensors.map((tensor) => {
    if (!isBinary(tensor.name)) return tensor;
    const { data: _, ...described } = tensor;
    const bytes = toBytes(tensor);
    behind.push(bytes);
    return { ...described, parameters: { binary_data_size: bytes.length } };
  });
  const json = Buffer.from(JSON.stringify({ ...head, outputs }));
  if (behind.length === 0)
    return new Response(new Uint8Array(json), { headers: { "content-type": "application/json" } });
  return new Response(new Uint8Array(Buffer.concat([json, ...behind])), {
    headers: { "content-type": "application/octet-stream", [HEADER_LENGTH]: String(json.length) },
  });
}
