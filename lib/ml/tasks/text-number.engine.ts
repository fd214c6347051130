import { SINGLE_RECIPES } from "../recipes/linear-text";
import { leaveOutWords } from "../report/leave-out";
import type { Engine } from "../task";
import type { LinearTask } from "./linear-text";
import { exportLinear } from "./linear-text.export";
import { openLinear } from "./linear-text.predict";
import { trainLinear } from "./linear-text.train";
import { numberOfText } from "./number-answers";
import { judgedNumber, type NumberSettings, numberSettingsSchema, toldByNumber } from "./number-judge";
import type { NumberOutput } from "./text-number";

const task: LinearTask<string, number, NumberOutput, NumberSettings> = {
  id: "text-number",
  recipes: SINGLE_RECIPES,
  texts: (input) => [input],
  samples: (texts) => [...texts],
  told: { ...toldByNumber, leaveOut: leaveOutWords },
  ...judgedNumber,
  ...numberOfText,
};

export const engine = {
  recipes: task.recipes,
  train: (order, run) => trainLinear(task, order, run),
  open: (dir, tokenizers) => openLinear(task, numberSettingsSchema, dir, tokenizers),
  exportTo: (order) => exportLinear(task, numberSettingsSchema, order),
} satisfies Engine<string, number, NumberOutput>;
