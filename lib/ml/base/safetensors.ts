import { open, writeFile } from "node:fs/promises";

/** A tensor's place in a safetensors file. */
interface Entry {
  dtype: string;
  shape: number[];
  data_offsets: [number, number];
}
export interface Tensor {
  shape: number[];
  values: Float32Array;
}

const MAX_HEADER_BYTES = 100_000_000;

/**
 * Reads every floating-point tensor of a safetensors file as float32 (F32, F16, BF16); integer tensors are left
 * out. Format: 8 bytes little-endian header length, JSON header, data (safetensors specification 0.x).
 * Throws when the header or an offset does not fit the file.
 */
export async function readSafetensors(path: string): Promise<Map<string, Tensor>> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const prefix = Buffer.alloc(8);
    await file.read(prefix, 0, 8, 0);
    const length = Number(prefix.readBigUInt64LE());
    if (length > MAX_HEADER_BYTES || 8 + length > size) throw new Error(`${path} is not a safetensors file`);
    const header = Buffer.alloc(length);
    await file.read(header, 0, length, 8);
    const entries = Object.entries(JSON.parse(header.toString("utf8")) as Record<string, Entry>);
    const tensors = new Map<string, Tensor>();
    for (const [name, { dtype, shape, data_offsets }] of entries) {
      if (name === "__metadata__" || !["F32", "F16", "BF16"].includes(dtype)) continue;
      const [from, to] = data_offsets;
      if (to < from || 8 + length + to > size) throw new Error(`${name} reaches beyond the end of ${path}`);
      // A fresh ArrayBuffer: a pooled one need not begin on a multiple of four.
      const bytes = Buffer.from(new ArrayBuffer(to - from));
      await file.read(bytes, 0, bytes.length, 8 + length + from);
      const values = toFloat32(dtype, bytes);
      if (values.length !== shape.reduce((product, n) => product * n, 1))
        throw new Error(`${name} in ${path} does not have the size that its shape says`);
      tensors.set(name, { shape, values });
    }
    return tensors;
  } finally {
    await file.close();
  }
}

/** Of a matrix. */
export function transpose({ shape, values }: Tensor): Tensor {
  const [rows = 0, columns = 0] = shape;
  const out = new Float32Array(values.length);
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) out[j * rows + i] = values[i * columns + j] as number;
  return { shape: [columns, rows], values: out };
}

/** Writes float32 tensors in the order given; data begins on a multiple of eight, as the specification asks. */
export async function writeSafetensors(path: string, tensors: ReadonlyMap<string, Tensor>): Promise<void> {
  const header: Record<string, Entry> = {};
  let offset = 0;
  for (const [name, { shape, values }] of tensors) {
    header[name] = { dtype: "F32", shape, data_offsets: [offset, offset + values.byteLength] };
    offset += values.byteLength;
  }
  const text = JSON.stringify(header);
  const head = Buffer.from(text.padEnd(Math.ceil(Buffer.byteLength(text) / 8) * 8));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(head.length));
  const data = [...tensors.values()].map(({ values }) =>
    Buffer.from(values.buffer, values.byteOffset, values.byteLength),
  );
  await writeFile(path, Buffer.concat([length, head, ...data]));
}

function toFloat32(dtype: string, bytes: Buffer): Float32Array {
  if (dtype === "F32") return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.length / 2);
  if (dtype === "F16") return Float32Array.from(halves, halfToFloat);
  const out = new Uint32Array(halves.length);
  for (const [i, half] of halves.entries()) out[i] = half << 16;
  return new Float32Array(out.buffer);
}

/** IEEE 754 binary16. */
export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 31;
  const fraction = half & 1023;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return exponent === 0
    ? sign * 2 ** -14 * (fraction / 1024)
    : sign * 2 ** (exponent - 15) * (1 + fraction / 1024);
}
