import { SINGLE_RECIPES } from "../recipes/linear-text";
import type { Engine } from "../task";
import type { LinearTask } from "./linear-text";
import { openLinear } from "./linear-text.predict";
import { trainLinear } from "./linear-text.train";
import { aimAtNumbers, type NumberSettings, numberSettingsSchema, sayNumber } from "./number-judge";
import type { NumberOutput } from "./text-number";

const task: LinearTask<string, number, NumberOutput, NumberSettings> = {
  id: "text-number",
  recipes: SINGLE_RECIPES,
  texts: (input) => [input],
  aim: aimAtNumbers,
  say: sayNumber,
};

export const engine = {
  recipes: task.recipes,
  train: (order, run) => trainLinear(task, order, run),
  open: (dir, tokenizers) => openLinear(task, numberSettingsSchema, dir, tokenizers),
} satisfies Engine<string, number, NumberOutput>;
