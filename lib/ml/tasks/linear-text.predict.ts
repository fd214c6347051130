import type { ZodType } from "zod";
import type { Manifest } from "../artifact";
import { countNgrams, countWords } from "../data/features";
import { type LinearRecipe, linearOutputs, type ReadTexts } from "../recipes/linear-text";
import type { ForwardResult, Predictor, Reads, TokenizerSource } from "../task";
import type { LinearTask } from "./linear-text";
import { readLinear } from "./linear-text.artifact";

/** Opens a model of a task that is linear in its texts. Throws when a file was changed or the recipe is not known. */
export async function openLinear<Input, Target, Output, Settings>(
  task: LinearTask<Input, Target, Output, Settings>,
  schema: ZodType<Settings>,
  dir: string,
  tokenizers: TokenizerSource,
): Promise<Predictor<Input, Output>> {
  const { manifest, model, adapter, settings, sizeBytes } = await readLinear(dir, schema);
  const recipe = recipeOf(task, manifest);
  const { told } = task;
  const tokenize = manifest.base && (await tokenizers(manifest.base.id));
  const base = manifest.base?.id ?? "";
  const requestOf = (ids: Int32Array) => (adapter ? { base, ids, adapter } : { base, ids });
  const outputsOf = (inputs: readonly Input[], vectors: readonly ForwardResult[][]) => {
    const read = inputs.map(
      (input, i): ReadTexts => ({ counted: task.texts(input).map(countNgrams), vectors: vectors[i] ?? [] }),
    );
    return linearOutputs(recipe, model, read);
  };
  const reads: Reads | null = tokenize && ((text) => requestOf(tokenize(text).ids));
  return {
    sizeBytes: sizeBytes * 2,
    ...(reads ? { reads } : {}),
    scoring: {
      ...told,
      labels: told.labels(manifest.labels),
      scores: (inputs, vectors) => told.scores(outputsOf(inputs, vectors), settings),
    },
    before(inputs) {
      const texts = inputs.map(task.texts);
      if (!tokenize)
        return {
          requests: inputs.map(() => []),
          tokens: texts.flat().reduce((sum, text) => sum + countWords(text), 0),
          truncated: inputs.map(() => false),
        };
      // Rows share a text where one is compared with many, or a pair is explained: it is one request then.
      const read = new Map(
        [...new Set(texts.flat())].map((text) => {
          const { ids, truncated } = tokenize(text);
          return [text, { request: requestOf(ids), truncated }];
        }),
      );
      const own = texts.map((each) => each.flatMap((text) => read.get(text) ?? []));
      return {
        requests: own.map((each) => each.map(({ request }) => request)),
        tokens: own.flat().reduce((sum, { request }) => sum + request.ids.length, 0),
        truncated: own.map((each) => each.some(({ truncated }) => truncated)),
      };
    },
    after(inputs, vectors, ask) {
      const outputs = outputsOf(inputs, vectors);
      const width = model.head.classes;
      return inputs.map((_, i) => {
        const figures = task.figuresOf(outputs.subarray(i * width, (i + 1) * width), settings);
        return task.say(figures, settings, manifest.labels, ask.topK);
      });
    },
  };
}

/** Throws when the model is of a recipe that its task has not. */
export function recipeOf(
  { id, recipes }: Pick<LinearTask<never, never, never, never>, "id" | "recipes">,
  manifest: Manifest,
): LinearRecipe {
  const recipe = recipes.find((one) => one.id === manifest.recipe);
  if (!recipe) throw new Error(`a model of ${id} is of an unknown recipe, ${manifest.recipe}`);
  return recipe;
}
