import {
  add,
  gather,
  logSumExp,
  mean,
  reshape,
  type Scalar,
  sub,
  type Tensor2D,
  tensor1d,
  tensor2d,
} from "@tensorflow/tfjs-core";
import { tokenLayers } from "../base/bert-graph";
import { spreadWords } from "../base/windows";
import { ANSWER_COLUMNS } from "../data/answer-features";
import { readWords, type TokenSettings, tuneTokens } from "../train/tune-tokens";
import { readByStrength } from "./adapter-readings";
import { fitEdges } from "./answer-head";
import {
  type AnswerData,
  type Answerer,
  type AnswerRecipe,
  type AskedText,
  scoreAnswers,
  type WordSpan,
} from "./answerer";
import {
  ADAPTER_STEPS,
  describeLora,
  describeSteps,
  orderLora,
  orderSteps,
  tuningSeconds,
} from "./tuning-effort";

const epochsFor = (rows: number) => (rows <= 3000 ? 4 : 2);

/**
 * Low-rank adapters on query and value of every layer below a token's vector, tuned with a start and an end head over
 * the words of the context (Devlin et al. 2019, section 4.2), from the frozen solution.
 */
export const loraAnswerer: AnswerRecipe = {
  id: "lora",
  needs: { base: true, tuning: true },
  estimate: ({ rows, meanTokens, epochs = epochsFor(rows), tunedShare }) => ({
    seconds: 20 + tuningSeconds(rows * (meanTokens + 20), epochs, tunedShare),
    bytes: 2e9 + rows * meanTokens * 3000,
  }),
  prepare(data) {
    const { tuning } = data;
    if (!data.vectors || !tuning) throw new Error("the lora recipe needs a base that can be tuned");
    const layers = tokenLayers(tuning.encoder.config.layers);
    const shape = orderLora(tuning.ordered, layers);
    const strength = readByStrength<Answerer>(shape.rank);
    let steps = {};
    return {
      async fit(rows, answers, options) {
        const start = await fitEdges(data, true, rows, answers, { ...options, onProgress: () => {} });
        const settings: TokenSettings = {
          ...orderSteps(
            { epochs: epochsFor(rows.length), ...ADAPTER_STEPS, batchSize: 16, headRate: 0.5 },
            tuning.ordered,
          ),
          lora: shape,
          layers,
          seed: options.seed,
        };
        const read = windowsToTune(data, rows, answers);
        const { head, lora } = await tuneTokens(tuning.encoder, read, start, settings, {
          signal: options.signal,
          onRate: (rate) => {
            steps = describeSteps({ ...settings, rate }, ADAPTER_STEPS.rate);
          },
          checkpoint: (own) => tuning.checkpoint([own, rows, answers]),
          onStep: (step, all) => options.onProgress(step / all),
        });
        return strength.asKept({ kind: "lora", head, temperature: 1, lora });
      },
      logits({ head, lora }, rows) {
        if (!lora) throw new Error("a tuned answerer is needed");
        const texts = rows.map((row) => data.texts[row] as AskedText);
        const vectors = readWords(tuning.encoder, texts, lora, layers);
        return texts.map((one, i) => scoreAnswers(head, one, vectors[i] as Float32Array));
      },
      ...strength.readable,
      effective: () => ({ ...steps, ...describeLora(shape, layers), ...strength.effective() }),
    };
  },
};

/** The window of each row that answers its first word, where it holds the last one too. */
function windowsToTune(data: AnswerData, rows: readonly number[], answers: readonly WordSpan[]) {
  const read = rows.flatMap((row, i) => {
    const { first, last } = answers[i] as WordSpan;
    const one = data.texts[row];
    const window = one?.windows.find(({ ownFrom, ownTo }) => first >= ownFrom && first < ownTo);
    return one && window && last < window.to ? [{ window, first, last, columns: one.columns }] : [];
  });
  return {
    sequences: read.map(({ window }) => window.ids),
    extra: read.map(({ window, columns }) => spreadWords(window, columns, ANSWER_COLUMNS)),
    columns: ANSWER_COLUMNS,
    /** The mean over rows and edges of -log p(edge), p a softmax over the window's words. */
    loss(logits: Tensor2D, batched: readonly number[], { tokens }: { tokens: number }): Scalar {
      const own = batched.map((at) => read[at] as (typeof read)[number]);
      const words = Math.max(...own.map(({ window }) => window.firsts.length));
      const places = new Int32Array(own.length * words);
      const far = new Float32Array(own.length * words).fill(-1e9);
      for (const [i, { window }] of own.entries())
        for (const [word, at] of window.firsts.entries()) {
          places[i * words + word] = i * tokens + at;
          far[i * words + word] = 0;
        }
      const edge = (column: number, wordOf: (one: (typeof read)[number]) => number) => {
        const flat = gather(
          reshape(logits, [-1]),
          tensor1d(
            places.map((at) => at * 2 + column),
            "int32",
          ),
        );
        const scores = add(reshape(flat, [own.length, words]), tensor2d(far, [own.length, words]));
        const right = own.map((one, i) => i * words + wordOf(one) - one.window.from);
        return sub(logSumExp(scores, 1), gather(reshape(scores, [-1]), tensor1d(right, "int32")));
      };
      return mean(
        add(
          edge(0, ({ first }) => first),
          edge(1, ({ last }) => last),
        ),
      ) as Scalar;
    },
  };
}
