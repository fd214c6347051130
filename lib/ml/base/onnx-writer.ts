/**
 * Just enough of the ONNX protobuf to write an inference graph: field numbers from the public `onnx.proto`
 * (ModelProto, GraphProto, NodeProto, AttributeProto, TensorProto, ValueInfoProto), IR version 8.
 */
type Chunk = Uint8Array;
const TYPES = { float: 1, uint8: 2, int8: 3, int64: 7, double: 11 } as const;
/** ONNX Runtime's own operators, beside the standard ones. */
const CONTRIB = "com.microsoft";

function varint(value: number | bigint): Chunk {
  let rest = BigInt.asUintN(64, BigInt(value));
  const bytes: number[] = [];
  do {
    const low = Number(rest & 127n);
    rest >>= 7n;
    bytes.push(rest ? low | 128 : low);
  } while (rest);
  return Uint8Array.from(bytes);
}
const length = (chunks: readonly Chunk[]) => chunks.reduce((sum, chunk) => sum + chunk.length, 0);
const integer = (field: number, value: number | bigint): Chunk[] => [varint(field << 3), varint(value)];
const message = (field: number, chunks: readonly Chunk[]): Chunk[] => [
  varint((field << 3) | 2),
  varint(length(chunks)),
  ...chunks,
];
const text = (field: number, value: string) => message(field, [Buffer.from(value)]);
const float = (field: number, value: number): Chunk[] => {
  const bytes = Buffer.alloc(4);
  bytes.writeFloatLE(value);
  return [varint((field << 3) | 5), bytes];
};

type Attribute = number | readonly number[] | { float: number };

function attribute(name: string, value: Attribute): Chunk[] {
  const head = text(1, name);
  if (typeof value === "number") return [...head, ...integer(3, value), ...integer(20, 2)];
  if ("float" in value) return [...head, ...float(2, value.float), ...integer(20, 1)];
  return [...head, ...value.flatMap((one) => integer(8, one)), ...integer(20, 7)];
}

function valueInfo(name: string, type: keyof typeof TYPES, shape: readonly (string | number)[]): Chunk[] {
  const dimensions = shape.flatMap((one) =>
    message(1, typeof one === "number" ? integer(1, one) : text(2, one)),
  );
  const tensor = [...integer(1, TYPES[type]), ...message(2, dimensions)];
  return [...text(1, name), ...message(2, message(1, tensor))];
}

/** Collects nodes and constants; every method returns the name of the value that it makes. */
export function createGraph(name: string) {
  const nodes: Chunk[] = [];
  const constants: Chunk[] = [];
  const inputs: Chunk[] = [];
  const outputs: Chunk[] = [];
  let made = 0;
  const constant = (
    label: string,
    type: keyof typeof TYPES,
    shape: readonly number[],
    { buffer, byteOffset, byteLength }: ArrayBufferView,
  ): string => {
    const body = [
      ...shape.flatMap((n) => integer(1, n)),
      ...integer(2, TYPES[type]),
      ...text(8, label),
      ...message(9, [new Uint8Array(buffer, byteOffset, byteLength)]),
    ];
    constants.push(...message(5, body));
    return label;
  };
  return {
    input(label: string, type: "float" | "int64", shape: readonly (string | number)[]): string {
      inputs.push(...message(11, valueInfo(label, type, shape)));
      return label;
    },
    output(label: string, shape: readonly (string | number)[], type: "float" | "double" = "float"): void {
      outputs.push(...message(12, valueInfo(label, type, shape)));
    },
    floats(label: string, shape: readonly number[], values: Float32Array): string {
      return constant(label, "float", shape, values);
    },
    /** A number that float32 would round. */
    double(label: string, value: number): string {
      return constant(label, "double", [], Float64Array.of(value));
    },
    bytes(label: string, shape: readonly number[], values: Uint8Array | Int8Array): string {
      return constant(label, values instanceof Int8Array ? "int8" : "uint8", shape, values);
    },
    integers(label: string, values: readonly number[]): string {
      return constant(label, "int64", [values.length], new BigInt64Array(values.map(BigInt)));
    },
    /** `Contrib:Name` is an operator of ONNX Runtime's own. */
    node(operator: string, from: readonly string[], attributes: Record<string, Attribute> = {}, to?: string) {
      const type = operator.replace(/^Contrib:/, "");
      const result = to ?? `${type.toLowerCase()}_${made++}`;
      const body = [
        ...from.flatMap((one) => text(1, one)),
        ...text(2, result),
        ...text(3, result),
        ...text(4, type),
        ...(type === operator ? [] : text(7, CONTRIB)),
        ...Object.entries(attributes).flatMap(([key, value]) => message(5, attribute(key, value))),
      ];
      nodes.push(...message(1, body));
      return result;
    },
    /** The whole model as pieces to be written one after the other. */
    chunks(opset: number): Chunk[] {
      const graph = [...nodes, ...text(2, name), ...constants, ...inputs, ...outputs];
      return [
        ...integer(1, 8),
        ...text(2, "graft"),
        ...message(7, graph),
        ...message(8, [...text(1, ""), ...integer(2, opset)]),
        ...message(8, [...text(1, CONTRIB), ...integer(2, 1)]),
      ];
    },
  };
}
export type Graph = ReturnType<typeof createGraph>;
