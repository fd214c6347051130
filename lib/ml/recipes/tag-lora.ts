import { gather, type Tensor2D, tensor1d } from "@tensorflow/tfjs-core";
import { SERVED_TARGETS, tokenLayers } from "../base/bert-graph";
import { gatherWords, type Window } from "../base/windows";
import { describeSurface, SURFACE_COLUMNS } from "../data/surface";
import { fitSoftmaxHead } from "../linear/softmax-head";
import { DivergedError } from "../train/loop";
import { crossEntropy } from "../train/losses";
import { readTokens, type TokenSettings, tuneTokens } from "../train/tune-tokens";
import { joinRows, withoutScale } from "./tag-chain";
import { plainTransitions, scoreWords, type TagData, type TagRecipe, wordsOf } from "./tagger";

/** Where the head begins: the frozen solution, at the same scale of vectors as in the wide recipe. */
const FROZEN = { c: 1, maxIterations: 60 };
const VECTOR_SCALE = 0.1;
const SHAPE = { rank: 8, alpha: 16, targets: SERVED_TARGETS, fromLayer: 0 };
/** Through one step of tuning, forward and back, on two cores. */
const TOKENS_A_SECOND = 1800;
const epochsFor = (rows: number) => (rows <= 1000 ? 10 : rows <= 3000 ? 5 : 3);

/**
 * Low-rank adapters on query and value of every layer, tuned with a linear head over each word's first piece and its
 * surface columns (the token classification of Devlin et al. 2019). Tags are chosen together under the scheme's rules.
 */
export const loraTagger: TagRecipe = {
  id: "lora",
  needs: { base: true, tuning: true },
  estimate: ({ rows, meanTokens }) => ({
    seconds: 20 + (rows * (meanTokens + 2) * epochsFor(rows)) / TOKENS_A_SECOND,
    bytes: 900e6 + rows * meanTokens * 3400,
  }),
  prepare(data) {
    const { tuning } = data;
    if (!data.vectors || !tuning) throw new Error("the lora recipe needs a base that can be tuned");
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
          batchSize: 32,
          rate: 2e-3,
          headRate: 1,
          decay: 0.01,
          clip: 1,
          lora: SHAPE,
          layers: tokenLayers(tuning.encoder.config.layers),
          seed: options.seed,
        };
        const read = windowsToTune(data, rows, tags);
        const attempt = (own: TokenSettings) =>
          tuneTokens(tuning.encoder, read, withoutScale(frozen, data.hidden, VECTOR_SCALE), own, {
            signal: options.signal,
            checkpoint: tuning.checkpoint([own, rows, flat.length]),
            onStep: (step, steps) => options.onProgress(step / steps),
          });
        // Once more at a quarter of the rate when the loss is no number any more; then it is given up.
        const { head, lora } = await attempt(settings).catch((error: unknown) => {
          if (!(error instanceof DivergedError)) throw error;
          return attempt({ ...settings, rate: settings.rate / 4 });
        });
        return { kind: "lora", head, features: null, transitions, lora };
      },
      scores(tagger, rows) {
        const { lora } = tagger;
        if (!lora) throw new Error("a tuned tagger is needed");
        const windows = rows.flatMap((row) => data.texts[row]?.windows ?? []);
        const states = readTokens(
          tuning.encoder,
          windows.map(({ ids }) => ids),
          lora,
          tokenLayers(tuning.encoder.config.layers),
        );
        let used = 0;
        return rows.flatMap((row) => {
          const one = data.texts[row];
          if (!one) return [];
          used += one.windows.length;
          const vectors = gatherWords(
            one.windows,
            states.slice(used - one.windows.length, used),
            data.hidden,
          );
          return [scoreWords(tagger, one, vectors)];
        });
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
    extra: read.map(({ window, surface }) => placeSurface(window, surface)),
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

/** The surface columns of a window's words at their first pieces, [tokens, columns]. */
function placeSurface({ ids, from, to, firsts }: Window, surface: Float32Array): Float32Array {
  const out = new Float32Array(ids.length * SURFACE_COLUMNS);
  for (let word = from; word < to; word++)
    out.set(
      surface.subarray(word * SURFACE_COLUMNS, (word + 1) * SURFACE_COLUMNS),
      (firsts[word - from] as number) * SURFACE_COLUMNS,
    );
  return out;
}
