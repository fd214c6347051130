import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { cachedBase } from "../../bases.fixture";
import { answer, tokenizersOf, trainingFolder } from "./order.fixture";
import { engine } from "./text-classification.engine";
import { judgeInt8 } from "./text-classification.precision";

const { order, run, remove, root } = trainingFolder();
afterAll(remove);
const base = await cachedBase();

const SAID: Record<string, string[]> = {
  refund: ["please refund", "i want my money back for", "return the payment of", "reimburse me for"],
  login: ["i cannot sign in to", "the password is refused by", "two factor fails on", "locked out of"],
};
const rowsOf = (times: number) =>
  Object.entries(SAID).flatMap(([target, starts]) =>
    starts.flatMap((start) =>
      Array.from({ length: times }, (_, n) => ({
        input: `${start} order number ${n * 37} of shop ${n}`,
        target,
      })),
    ),
  );
const asked = (times: number) => order(rowsOf(times), { recipe: "head", base, precision: "int8" });

test.skipIf(!base)(
  "a model whose test score holds has its base answer in int8, and says what both scored",
  async () => {
    const { report, artifactDir } = await engine.train(asked(20), run());
    const { answers, reason, measured } = report.precision ?? {};
    expect({ answers, reason }).toEqual({ answers: "int8", reason: "holds" });
    expect(measured?.rows).toBe(report.rows.test);
    expect(measured?.float32).toBeCloseTo(report.evaluation.accuracy.value, 6);
    const model = await engine.open(artifactDir, tokenizersOf(base));
    expect(model.reads?.("refund me").precision).toBe("int8");
    const [one] = await answer(model, ["please give me my money back"], base);
    expect(one?.label).toBe("refund");
  },
);

test.skipIf(!base)(
  "without test rows nothing is measured, so float32 answers and the report says why",
  async () => {
    const here = run();
    const { report, artifactDir } = await engine.train(asked(5), here);
    expect(report.precision).toEqual({ answers: "float32", reason: "no_test_rows", measured: null });
    expect(here.said.join()).toContain("without test rows");
    const model = await engine.open(artifactDir, tokenizersOf(base));
    expect(model.reads?.("refund me").precision).toBe("float32");
  },
);

test.skipIf(!base)("a model that answers in int8 leaves as float32, proven against float32", async () => {
  const { artifactDir } = await engine.train(asked(20), run());
  const parity = await engine.exportTo({
    ...{ artifactDir, base, dir: join(root, "exported"), threads: 2, quoted: ["my money, please"] },
    facts: { model: "ft:test", created: 0, abstainBelow: 0.5, promised: [] },
  });
  expect(parity.max_difference).toBeLessThanOrEqual(parity.limit);
});

test("a model without a base answers as it did, and says why", async () => {
  const { report } = await engine.train(order(rowsOf(20), { precision: "int8" }), run());
  expect(report.precision).toEqual({ answers: "float32", reason: "no_base", measured: null });
});

test("int8 is not taken for a drop that is larger than chance, nor for one above a point", () => {
  const right = (count: number, of: number) => Array.from({ length: of }, (_, row) => row < count);
  expect(judgeInt8(right(900, 1000), right(900, 1000)).holds).toBe(true);
  expect(judgeInt8(right(899, 1000), right(900, 1000)).holds).toBe(true);
  // Eight rows lost and none won are no chance, though less than a point.
  expect(judgeInt8(right(892, 1000), right(900, 1000)).holds).toBe(false);
  expect(judgeInt8(right(38, 40), right(39, 40)).holds).toBe(false);
  expect(judgeInt8(right(40, 40), right(39, 40)).holds).toBe(true);
});
