import { type ZodRawShape, type ZodType, z } from "zod";

/**
 * What is stored under names in camel case, as the API names it. The schema says which names are ours: those of objects.
 * Keys of a record may be anybody's words, such as classes, and stay as they are.
 */
export const snake = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

type Fields = Readonly<Record<string, unknown>>;

/** A value of this schema; fields that it does not describe are left out. `named`: the records whose keys are names too. */
export function snakeCased(schema: ZodType, value: unknown, named: readonly ZodType[]): unknown {
  const inner = (of: unknown, one: unknown) => snakeCased(of as ZodType, one, named);
  if (value === null || value === undefined) return value;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return inner(schema.unwrap(), value);
  if (schema instanceof z.ZodArray) return (value as unknown[]).map((one) => inner(schema.element, one));
  if (schema instanceof z.ZodDiscriminatedUnion) return inner(optionOf(schema, value as Fields), value);
  if (schema instanceof z.ZodRecord) {
    const isNamed = named.includes(schema);
    const entries = Object.entries(value).map(([key, one]) => [
      isNamed ? snake(key) : key,
      inner(schema.valueType, one),
    ]);
    return Object.fromEntries(entries);
  }
  if (schema instanceof z.ZodObject) {
    const known = Object.entries(schema.shape).filter(([name]) => (value as Fields)[name] !== undefined);
    return Object.fromEntries(
      known.map(([name, of]) => [snake(name), inner(of, (value as Fields)[name])] as const),
    );
  }
  return value;
}

const optionOf = ({ options, def }: z.ZodDiscriminatedUnion, value: Fields) =>
  options.find(
    (option) =>
      option instanceof z.ZodObject &&
      (option.shape[def.discriminator] as ZodType).safeParse(value[def.discriminator]).success,
  );

/** The fields of the converted value, for the API's document. */
export const snakeShape = ({ shape }: z.ZodObject): ZodRawShape =>
  Object.fromEntries(Object.entries(shape).map(([name, of]) => [snake(name), snakeSchema(of as ZodType)]));

function snakeSchema(schema: ZodType): ZodType {
  const inner = (of: unknown) => snakeSchema(of as ZodType);
  if (schema instanceof z.ZodOptional) return inner(schema.unwrap()).optional();
  if (schema instanceof z.ZodNullable) return inner(schema.unwrap()).nullable();
  if (schema instanceof z.ZodArray) return z.array(inner(schema.element));
  if (schema instanceof z.ZodDiscriminatedUnion) return z.union(schema.options.map(inner));
  if (schema instanceof z.ZodRecord) return z.record(z.string(), inner(schema.valueType));
  if (schema instanceof z.ZodObject) return z.looseObject(snakeShape(schema));
  return schema;
}
