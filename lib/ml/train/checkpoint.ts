/** A point to go on from, as bytes: a JSON head with sizes, then the float32 arrays one after the other. */
export interface Snapshot {
  step: number;
  arrays: Float32Array[];
}

export function packSnapshot({ step, arrays }: Snapshot): Uint8Array {
  const head = Buffer.from(JSON.stringify({ step, sizes: arrays.map((array) => array.length) }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(head.length);
  const bytes = arrays.map((array) => new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
  return Buffer.concat([length, head, ...bytes]);
}

/** Throws when the bytes are not whole. */
export function unpackSnapshot(packed: Uint8Array): Snapshot {
  const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  const from = 4 + bytes.readUInt32LE(0);
  const { step, sizes } = JSON.parse(bytes.toString("utf8", 4, from)) as { step: number; sizes: number[] };
  const total = sizes.reduce((sum, size) => sum + size * 4, 0);
  if (from + total !== bytes.length) throw new Error("the snapshot is not whole");
  let at = from;
  const arrays = sizes.map((size) => {
    const array = new Float32Array(size);
    Buffer.from(array.buffer).set(bytes.subarray(at, at + size * 4));
    at += size * 4;
    return array;
  });
  return { step, arrays };
}
