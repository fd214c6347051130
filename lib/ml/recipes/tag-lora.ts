import { gather, type Tensor2D, tensor1d } from "@tensorflow/tfjs-core";
import { tokenLayers } from "../base/bert-graph";
import { spreadWords } from "../base/windows";
import { describeSurface, SURFACE_COLUMNS } from "../data/surface";
import { fitSoftmaxHead } from "../linear/softmax-head";
import { crossEntropy } from "../train/losses";
import { readWords, type TokenSettings, tuneTokens } from "../train/tune-tokens";
import { joinRows, withoutScale } from "./tag-chain";
import {
  plainTransitions,
  scoreWords,
  type TagData,
  type TaggedText,
  type TagRecipe,
  wordsOf,
} from "./tagger";
import { ADAPTER_STEPS, TUNED_TOKENS_A_SECOND } from "./tuning-effort";

/** Where the head begins: the frozen solution, at the same scale of vectors as in the wide recipe. */
const FROZEN = { c: 1, maxIterations: 60 };
const VECTOR_SCALE = 0.1;
const epochsFor = (rows: number) => (rows <= 1000 ? 10 : rows <= 3000 ? 5 : 3);

/**
 * Low-rank adapters on query and value of every layer, tuned with a linear head over each word's first piece and its
 * surface columns (the token classification of Devlin et al. 2019). Tags are chosen together under the scheme's rules.
 */
export const loraTagger: TagRecipe = {
  id: "lora",
  needs: { base: true, tuning: true },
  estimate: ({ rows, meanTokens }) => ({
    seconds: 20 + (rows * (meanTokens + 2) * epochsFor(rows)) / TUNED_TOKENS_A_SECOND,
    bytes: 2e9 + rows * meanTokens * 3400,
  }),
  prepare(data) {
    const { tuning } = data;
    if (!data.vectors || !tuning) throw new Error("the lora recipe needs a base that can be tuned");
    const layers = tokenLayers(tuning.encoder.config.layers);
    return {
      async fit(rows, tags, labels, options) {
        const scaled = joinRows(data, rows, VECTOR_SCALE);
        const flat = Int32Array.from(tags.flatMap((own) => [...own]));
        const transitions = plainTransitions(labels);
        const frozen = await fitSoftmaxHead(scaled, flat, transitions.tags, {
          ...FROZEN,
          signal: options.signal,
        });
        const settings: TokenSettings = {
          epochs: epochsFor(rows.length),
          ...ADAPTER_STEPS,
          layers,
          seed: options.seed,
        };
        const read = windowsToTune(data, rows, tags);
        const start = withoutScale(frozen, data.hidden, VECTOR_SCALE);
        const { head, lora } = await tuneTokens(tuning.encoder, read, start, settings, {
          signal: options.signal,
          checkpoint: (own) => tuning.checkpoint([own, rows, flat.length]),
          onStep: (step, steps) => options.onProgress(step / steps),
        });
        return { kind: "lora", head, features: null, transitions, lora };
      },
      scores(tagger, rows) {
        const { lora } = tagger;
        if (!lora) throw new Error("a tuned tagger is needed");
        const texts = rows.map((row) => data.texts[row] as TaggedText);
        const vectors = readWords(tuning.encoder, texts, lora, layers);
        return texts.map((one, i) => scoreWords(tagger, one, vectors[i] as Float32Array));
      },
    };
  },
};

/** Every window as one sequence; each word counts once, in the window that answers it. */
function windowsToTune(data: TagData, rows: readonly number[], tags: readonly Int32Array[]) {
  const read = rows.flatMap((row, i) => {
    const one = data.texts[row];
    const surface = one ? describeSurface(wordsOf(one)) : new Float32Array(0);
    return (one?.windows ?? []).map((window) => ({ window, surface, tags: tags[i] as Int32Array }));
  });
  return {
    sequences: read.map(({ window }) => window.ids),
    extra: read.map(({ window, surface }) => spreadWords(window, surface, SURFACE_COLUMNS)),
    columns: SURFACE_COLUMNS,
    loss(logits: Tensor2D, batched: readonly number[], { tokens }: { tokens: number }) {
      const places: number[] = [];
      const wanted: number[] = [];
      for (const [i, at] of batched.entries()) {
        const one = read[at];
        if (!one) continue;
        const { from, ownFrom, ownTo, firsts } = one.window;
        for (let word = ownFrom; word < ownTo; word++) {
          places.push(i * tokens + (firsts[word - from] as number));
          wanted.push(one.tags[word] as number);
        }
      }
      return crossEntropy(gather(logits, tensor1d(places, "int32")) as Tensor2D, Int32Array.from(wanted));
    },
  };
}
