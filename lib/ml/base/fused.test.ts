import { dispose, grads, mul, sum, type Tensor, tensor, tidy } from "@tensorflow/tfjs-core";
import { beforeAll, expect, test } from "vitest";
import { openGoldenBackend } from "../golden.fixture";
import { generator } from "../linear/svm";
import { addAndNormalise, gelu, selfAttention } from "./fused";

/** Each closed-form gradient against central differences of its own forward pass. */
beforeAll(openGoldenBackend);

const random = generator(11);
const draw = (...shape: number[]) =>
  tensor(
    Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => 2 * random() - 1),
    shape,
  );
/** Large enough for float32, small enough for a straight line. */
const STEP = 1e-2;
const TOLERANCE = 2e-2;

function worstDifference(f: (...inputs: Tensor[]) => Tensor, inputs: readonly Tensor[]): number {
  let worst = 0;
  tidy(() => {
    const weights = draw(...f(...inputs).shape);
    const loss = (...given: Tensor[]) => sum(mul(f(...given), weights));
    const found = grads(loss)([...inputs]);
    for (const [n, input] of inputs.entries()) {
      const values = input.dataSync();
      const own = found[n]?.dataSync() ?? [];
      for (let i = 0; i < values.length; i += Math.max(1, Math.floor(values.length / 24))) {
        const at = (by: number) =>
          tidy(() => {
            const moved = values.slice();
            moved[i] = (moved[i] as number) + by;
            return loss(
              ...inputs.map((one, m) => (m === n ? tensor(moved, input.shape) : one)),
            ).dataSync()[0];
          }) as number;
        const expected = (at(STEP) - at(-STEP)) / (2 * STEP);
        worst = Math.max(worst, Math.abs(expected - (own[i] as number)) / Math.max(1, Math.abs(expected)));
      }
    }
  });
  return worst;
}

test("the gradient of gelu is that of its forward pass", () => {
  const x = draw(5, 7);
  expect(worstDifference((a) => gelu(a as never), [x])).toBeLessThan(TOLERANCE);
  dispose(x);
});

test("the gradient of the normalised sum is that of its forward pass", () => {
  const [a, b, gamma, beta] = [draw(4, 8), draw(4, 8), draw(8), draw(8)];
  const f = (x: Tensor, y: Tensor) => addAndNormalise(x as never, y as never, { gamma, beta } as never, 1e-5);
  expect(worstDifference(f as never, [a, b])).toBeLessThan(TOLERANCE);
  dispose([a, b, gamma, beta]);
});

test("the gradient of attention is that of its forward pass, and padding neither gives nor takes", () => {
  const bias = tensor([0, 0, 0, 0, 0, -1e9], [2, 1, 1, 3]);
  const qkv = draw(6, 12);
  const f = (x: Tensor) => selfAttention(x as never, bias as never, 2);
  expect(worstDifference(f, [qkv])).toBeLessThan(TOLERANCE);
  const before = f(qkv).dataSync().slice(12, 20);
  const changed = qkv.dataSync().slice();
  for (let i = 5 * 12 + 4; i < 6 * 12; i++) changed[i] = 9;
  expect([
    ...f(tensor(changed, [6, 12]))
      .dataSync()
      .slice(12, 20),
  ]).toEqual([...before]);
});

test("nothing stays on the backend after a gradient", async () => {
  const { memory } = await import("@tensorflow/tfjs-core");
  const x = draw(4, 12);
  const bias = tensor([0, 0, 0, 0], [2, 1, 1, 2]);
  const once = () =>
    tidy(() => {
      grads((a: Tensor) => sum(gelu(selfAttention(a as never, bias as never, 2))))([x])[0]?.dataSync();
    });
  once();
  const before = memory().numTensors;
  once();
  expect(memory().numTensors).toBe(before);
});
