import { gather, type Tensor2D, tensor1d } from "@tensorflow/tfjs-core";
import { tokenLayers } from "../base/bert-graph";
import { spreadWords } from "../base/windows";
import { tagsFor } from "../data/spans";
import { describeSurface, SURFACE_COLUMNS } from "../data/surface";
import { fitSoftmaxHead } from "../linear/softmax-head";
import { crossEntropy } from "../train/losses";
import { readWords, type TokenSettings, tuneTokens } from "../train/tune-tokens";
import { readByStrength } from "./adapter-readings";
import { joinRows, lexicalTagger, withoutScale } from "./tag-chain";
import { scoreWords, type TagData, type TaggedText, type Tagger, type TagRecipe, wordsOf } from "./tagger";
import {
  ADAPTER_STEPS,
  describeLora,
  describeSteps,
  orderLora,
  orderSteps,
  tuningSeconds,
} from "./tuning-effort";

/** Where the head begins: the frozen solution, at the same scale of vectors as in the wide recipe. */
const FROZEN = { c: 1, maxIterations: 60 };
const VECTOR_SCALE = 0.1;
/**
 * How much the lexical tagger counts beside the tuned head: names that were taught are known by sight, and what follows on
 * what. Little, since new names are what a tagger is for. Measured on WNUT17, F1 with and without: a training fold 57.5 beside
 * 56.5, its development and test files (other sources) 54.9 and 36.6 beside 54.4 and 36.6, 653 rows on others of their source
 * 55.6 beside 52.8. At a half for both, another fold gains (62.3 beside 57.4) and the test file loses (34.0 beside 36.6).
 */
const LEXICAL = { features: 0.15, transitions: 0.25 };
const epochsFor = (rows: number) => (rows <= 1000 ? 10 : rows <= 3000 ? 5 : 3);

/**
 * Low-rank adapters on query and value of every layer, tuned with a linear head over each word's first piece and its
 * surface columns (the token classification of Devlin et al. 2019), and beside it a share of the lexical tagger's scores.
 */
export const loraTagger: TagRecipe = {
  id: "lora",
  needs: { base: true, tuning: true },
  estimate(profile) {
    const { rows, meanTokens, epochs = epochsFor(rows), tunedShare } = profile;
    const tuning = 20 + tuningSeconds(rows * (meanTokens + 2), epochs, tunedShare);
    return {
      seconds: tuning + lexicalTagger.estimate(profile).seconds,
      bytes: 2e9 + rows * meanTokens * 3400,
    };
  },
  prepare(data) {
    const { tuning } = data;
    if (!data.vectors || !tuning) throw new Error("the lora recipe needs a base that can be tuned");
    const layers = tokenLayers(tuning.encoder.config.layers);
    const shape = orderLora(tuning.ordered, layers);
    const strength = readByStrength<Tagger>(shape.rank);
    let steps = {};
    const lexical = lexicalTagger.prepare(data);
    return {
      async fit(rows, tags, labels, options) {
        const scaled = joinRows(data, rows, VECTOR_SCALE);
        const flat = Int32Array.from(tags.flatMap((own) => [...own]));
        const frozen = await fitSoftmaxHead(scaled, flat, tagsFor(labels), {
          ...FROZEN,
          signal: options.signal,
        });
        const settings: TokenSettings = {
          ...orderSteps({ epochs: epochsFor(rows.length), ...ADAPTER_STEPS }, tuning.ordered),
          lora: shape,
          layers,
          seed: options.seed,
        };
        const read = windowsToTune(data, rows, tags);
        const start = withoutScale(frozen, data.hidden, VECTOR_SCALE);
        const { head, lora } = await tuneTokens(tuning.encoder, read, start, settings, {
          signal: options.signal,
          onRate: (rate) => {
            steps = describeSteps({ ...settings, rate }, ADAPTER_STEPS.rate);
          },
          checkpoint: (own) => tuning.checkpoint([own, rows, flat.length]),
          onStep: (step, all) => options.onProgress(step / all),
        });
        const known = await lexical.fit(rows, tags, labels, { ...options, onProgress: () => {} });
        return strength.asKept({ kind: "lora", head, ...withShare(known), lora });
      },
      scores(tagger, rows) {
        const { lora } = tagger;
        if (!lora) throw new Error("a tuned tagger is needed");
        const texts = rows.map((row) => data.texts[row] as TaggedText);
        const vectors = readWords(tuning.encoder, texts, lora, layers);
        return texts.map((one, i) => scoreWords(tagger, one, vectors[i] as Float32Array));
      },
      ...strength.readable,
      effective: () => ({ ...steps, ...describeLora(shape, layers), ...strength.effective() }),
    };
  },
};

const withShare = ({ features, transitions }: Tagger): Pick<Tagger, "features" | "transitions"> => ({
  features: features && { ...features, scales: features.scales.map((scale) => scale * LEXICAL.features) },
  transitions: { ...transitions, scores: transitions.scores.map((score) => score * LEXICAL.transitions) },
});

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
