import { PAIR_RECIPES } from "../recipes/linear-text";
import type { Engine } from "../task";
import type { LinearTask } from "./linear-text";
import { openLinear } from "./linear-text.predict";
import { trainLinear } from "./linear-text.train";
import { aimAtNumbers, type NumberSettings, numberSettingsSchema, sayNumber } from "./number-judge";
import type { NumberOutput } from "./text-number";
import type { TextPair } from "./text-similarity";

const task: LinearTask<TextPair, number, NumberOutput, NumberSettings> = {
  id: "text-similarity",
  recipes: PAIR_RECIPES,
  texts: ({ text, text_b }) => [text, text_b],
  aim: aimAtNumbers,
  say: sayNumber,
};

export const engine = {
  recipes: task.recipes,
  train: (order, run) => trainLinear(task, order, run),
  open: (dir, tokenizers) => openLinear(task, numberSettingsSchema, dir, tokenizers),
} satisfies Engine<TextPair, number, NumberOutput>;
