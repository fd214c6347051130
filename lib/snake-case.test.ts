import { expect, test } from "vitest";
import { z } from "zod";
import { snakeCased, snakeShape } from "./snake-case";

const settings = z.record(z.string(), z.number());
const schema = z.object({
  perClass: z.array(z.object({ topLabel: z.string() })).optional(),
  byClass: z.record(z.string(), z.object({ meanWidth: z.number() })),
  chosenSettings: settings.nullable(),
  oneOf: z.discriminatedUnion("kind", [
    z.object({ kind: z.literal("a"), isHere: z.boolean() }),
    z.object({ kind: z.literal("b"), rows: z.record(z.string(), z.number()) }),
  ]),
});
const value: z.infer<typeof schema> = {
  perClass: [{ topLabel: "orderLost" }],
  byClass: { orderLost: { meanWidth: 1 } },
  chosenSettings: { maxDepth: 2 },
  oneOf: { kind: "b", rows: { orderLost: 3 } },
};
const expected = {
  per_class: [{ top_label: "orderLost" }],
  by_class: { orderLost: { mean_width: 1 } },
  chosen_settings: { max_depth: 2 },
  one_of: { kind: "b", rows: { orderLost: 3 } },
};

test("names of fields are converted, keys that are data are not", () => {
  expect(snakeCased(schema, value, [settings])).toEqual(expected);
  expect(snakeCased(schema, { ...value, oneOf: { kind: "a", isHere: true } }, [settings])).toMatchObject({
    one_of: { kind: "a", is_here: true },
  });
});

test("what is absent stays absent, null stays null, and what the schema does not know is left out", () => {
  const { perClass: _, ...less } = { ...value, chosenSettings: null, unknownField: "secret" };
  const { per_class: __, ...rest } = { ...expected, chosen_settings: null };
  expect(snakeCased(schema, less, [settings])).toEqual(rest);
});

test("the converted schema describes the converted value", () => {
  const described = z.strictObject(snakeShape(schema));
  expect(described.parse(expected)).toEqual(expected);
  expect(described.safeParse(value).success).toBe(false);
});
