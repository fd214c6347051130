import type { Vocabulary } from "./data/features";

/** Bytes of a model's file. Throws when it has none of that name. */
export type ReadFile = (name: string) => Buffer<ArrayBuffer>;

/** Numbers as a model's files hold them: little-endian, one array a file. */
export const floatsOf = (bytes: Buffer<ArrayBuffer>) => new Float32Array(bytes.buffer, 0, bytes.length / 4);
export const intsOf = (bytes: Buffer<ArrayBuffer>) => new Int32Array(bytes.buffer, 0, bytes.length / 4);

export function vocabularyOf(file: ReadFile): Vocabulary {
  const hashes = file("hashes.u32");
  return { hashes: new Uint32Array(hashes.buffer, 0, hashes.length / 4), idf: floatsOf(file("idf.f32")) };
}

/** A file's bytes in a buffer of their own: typed arrays over it must begin on their element's boundary. */
export function ownBuffer(read: Buffer): Buffer<ArrayBuffer> {
  if (read.byteOffset === 0 && read.buffer.byteLength === read.length) return read as Buffer<ArrayBuffer>;
  const bytes = Buffer.from(new ArrayBuffer(read.length));
  read.copy(bytes);
  return bytes;
}

/** Unit-length rows as int8 with one scale a row: a quarter of the size, cosine off by under 0.005. */
export function packRows(rows: readonly Float32Array[]): { values: Int8Array; scales: Float32Array } {
  const columns = rows[0]?.length ?? 0;
  const values = new Int8Array(rows.length * columns);
  const scales = new Float32Array(rows.length);
  for (const [i, row] of rows.entries()) {
    let most = 0;
    for (const x of row) most = Math.max(most, Math.abs(x));
    scales[i] = most / 127;
    for (const [j, x] of row.entries()) values[i * columns + j] = most ? Math.round((x / most) * 127) : 0;
  }
  return { values, scales };
}

export function unpackRows(values: Int8Array, scales: Float32Array): Float32Array[] {
  const columns = values.length / Math.max(1, scales.length);
  return Array.from(scales, (scale, i) => {
    // A plain loop: `Float32Array.from` with a function takes twenty times as long, and serve does this at every opening.
    const row = new Float32Array(columns);
    for (let j = 0; j < columns; j++) row[j] = (values[i * columns + j] as number) * scale;
    return row;
  });
}
