import { expect, test } from "vitest";
import type { TrainOrder } from "../task";
import { pickRecipes } from "./pick-recipes";

const recipe = (id: string, base: boolean) => ({
  id,
  needs: { base, tuning: false },
  estimate: () => ({ seconds: 1, bytes: 1 }),
});
const order = { recipe: "auto", base: null, baseDamage: "model.onnx is another" } as TrainOrder;

test("a damaged base stops the choice between recipes of which one would read it, and no other", () => {
  const plain = [recipe("head", false), recipe("dnn", false)];
  expect(pickRecipes(order, plain, true).recipes).toEqual(plain);
  expect(() => pickRecipes(order, [...plain, recipe("wide", true)], true)).toThrow("model.onnx is another");
});
