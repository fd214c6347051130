import { afterAll, expect, test } from "vitest";
import { lexical } from "../recipes/lexical";
import { crossValidate } from "./labels.compare";
import { describeModel } from "./labels.describe";
import { measure } from "./labels.measure";
import { planRows } from "./labels.rows";
import { trainingFolder } from "./order.fixture";

const folder = trainingFolder();
afterAll(folder.remove);

test("where the chosen recipe takes too long, the curve is that of the best quick one, and says so", async () => {
  const rows = Array.from({ length: 400 }, (_, i) => ({
    input: `${["refund", "parcel", "password"][i % 3]} ${i % 7 === 0 ? "please" : `number ${i}`}`,
    target: ["money", "delivery", "login"][i % 5 === 0 ? (i + 1) % 3 : i % 3] ?? "",
  }));
  const order = folder.order(rows, { recipe: "lexical", seed: 1 });
  const run = { ...folder.run(), threads: 1 };
  const plan = await planRows<string>(order, (text) => text);
  const prepared = await lexical.prepare({
    texts: plan.rows.texts,
    names: plan.names,
    embeddings: null,
    tuning: null,
  });
  const quick = await crossValidate(lexical, prepared, plan, 1, run, () => {});
  const { evaluation } = await measure(quick, plan, order, run);
  const slow = { ...quick, recipe: { ...lexical, id: "lora" as const }, seconds: 1e5 };
  const curveWith = async (others: (typeof quick)[]) =>
    (await describeModel(slow, others, plan, evaluation.selective, plan.train.length, 1, run)).learningCurve;
  const curve = await curveWith([{ ...slow, accuracy: { value: 1, low: 1, high: 1 } }, quick]);
  expect(curve.of).toBe("lexical");
  expect(curve.points.length).toBeGreaterThan(1);
  expect(await curveWith([slow])).toEqual({ status: "refused", reason: "too_slow", points: [] });
});
