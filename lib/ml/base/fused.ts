// Registers the gradients of the ordinary kernels, which the core package alone does not.
import "@tensorflow/tfjs";
import {
  add,
  concat,
  customGrad,
  erf,
  exp,
  type GradSaveFunc,
  matMul,
  mean,
  mul,
  reshape,
  rsqrt,
  slice,
  softmax,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor4D,
  transpose,
} from "@tensorflow/tfjs-core";

/**
 * The parts of a transformer layer whose derivatives TensorFlow.js would build from dozens of small kernels: each
 * is one function here with its gradient in closed form, which keeps what backward needs and nothing else.
 * All float32. They work on every backend; `fused.test.ts` checks each against finite differences.
 */
type Grad<T extends Tensor> = { value: T; gradFunc: (dy: T, saved: Tensor[]) => Tensor | Tensor[] };

const INVERSE_ROOT_2PI = 1 / Math.sqrt(2 * Math.PI);

/** x·Φ(x), exact by the error function (Hendrycks & Gimpel 2016). Any shape. */
export const gelu = customGrad((x: Tensor | GradSaveFunc, save: Tensor | GradSaveFunc): Grad<Tensor> => {
  const input = x as Tensor;
  const share = add(mul(erf(mul(input, Math.SQRT1_2)), 0.5), 0.5);
  (save as GradSaveFunc)([input, share]);
  return {
    value: mul(input, share),
    gradFunc: (dy, [saved, cdf]) => {
      const x0 = saved as Tensor;
      const density = mul(exp(mul(square(x0), -0.5)), INVERSE_ROOT_2PI);
      return mul(dy, add(cdf as Tensor, mul(x0, density)));
    },
  };
}) as (x: Tensor2D) => Tensor2D;

export interface Norm {
  gamma: Tensor1D;
  beta: Tensor1D;
}

/** Normalised rows, and what to divide by: [n, width] -> the same and [n, 1]. */
function standardise(x: Tensor2D, epsilon: number): { hat: Tensor2D; scale: Tensor2D } {
  const centred = sub(x, mean(x, 1, true)) as Tensor2D;
  const scale = rsqrt(add(mean(square(centred), 1, true), epsilon)) as Tensor2D;
  return { hat: mul(centred, scale), scale };
}

/** The gradient by the input of `standardise` when `by` is the one by its output. */
function backThroughStandardise(by: Tensor, hat: Tensor, scale: Tensor): Tensor {
  const along = mean(mul(by, hat), 1, true);
  return mul(sub(sub(by, mean(by, 1, true)), mul(hat, along)), scale);
}

/**
 * Layer normalisation of a sum (Ba et al. 2016): a, b [n, width] -> [n, width]. The gradient by a and by b is one
 * tensor; gamma and beta are not trained.
 */
export function addAndNormalise(a: Tensor2D, b: Tensor2D, norm: Norm, epsilon: number): Tensor2D {
  const run = customGrad((...args: (Tensor | GradSaveFunc)[]): Grad<Tensor> => {
    const save = args.at(-1) as GradSaveFunc;
    const { hat, scale } = standardise(add(args[0] as Tensor2D, args[1] as Tensor2D), epsilon);
    save([hat, scale]);
    return {
      value: add(mul(hat, norm.gamma), norm.beta),
      gradFunc: (dy, saved) => {
        const [kept, by] = saved as [Tensor, Tensor];
        const dx = backThroughStandardise(mul(dy, norm.gamma), kept, by);
        return [dx, dx.clone()];
      },
    };
  });
  return run(a, b) as Tensor2D;
}

/**
 * Multi-head self-attention (Vaswani et al. 2017) from the joined projections to the joined heads:
 * qkv [batch·tokens, 3·hidden], bias [batch, 1, 1, tokens] (0 or a large negative number) -> [batch·tokens, hidden].
 */
export function selfAttention(qkv: Tensor2D, bias: Tensor4D, heads: number): Tensor2D {
  const [batch, , , tokens] = bias.shape;
  const hidden = (qkv.shape[1] as number) / 3;
  const size = hidden / heads;
  const root = 1 / Math.sqrt(size);
  const run = customGrad((x: Tensor | GradSaveFunc, save: Tensor | GradSaveFunc): Grad<Tensor> => {
    const parts = transpose(reshape(x as Tensor2D, [batch, tokens, 3, heads, size]), [2, 0, 3, 1, 4]);
    const part = (i: number) =>
      reshape(slice(parts, [i, 0, 0, 0, 0], [1, -1, -1, -1, -1]), [batch, heads, tokens, size]);
    const [q, k, v] = [mul(part(0), root), part(1), part(2)];
    const weights = softmax(add(matMul(q, k, false, true), bias));
    (save as GradSaveFunc)([q, k, v, weights]);
    const mixed = matMul(weights, v);
    return {
      value: reshape(transpose(mixed, [0, 2, 1, 3]), [batch * tokens, hidden]),
      gradFunc: (dy, saved) => {
        const [q0, k0, v0, w] = saved as [Tensor, Tensor, Tensor, Tensor];
        const by = transpose(reshape(dy, [batch, tokens, heads, size]), [0, 2, 1, 3]);
        const byWeights = mul(w, matMul(by, v0, false, true));
        const byScores = sub(byWeights, mul(w, sum(byWeights, -1, true)));
        const all = concat(
          [
            mul(matMul(byScores, k0), root),
            matMul(byScores, q0, true, false),
            matMul(w, by, true, false),
          ].map((one) => reshape(one, [1, batch, heads, tokens, size])),
          0,
        );
        return reshape(transpose(all, [1, 3, 0, 2, 4]), [batch * tokens, 3 * hidden]);
      },
    };
  });
  return run(qkv) as Tensor2D;
}
