import { PAIR_RECIPES } from "../recipes/linear-text";
import { leaveOutWordsOfEach } from "../report/leave-out";
import type { Engine } from "../task";
import type { LinearTask } from "./linear-text";
import { exportLinear } from "./linear-text.export";
import { openLinear } from "./linear-text.predict";
import { trainLinear } from "./linear-text.train";
import { numberOfPair } from "./number-answers";
import { judgedNumber, type NumberSettings, numberSettingsSchema, toldByNumber } from "./number-judge";
import type { NumberOutput } from "./text-number";
import type { TextPair } from "./text-similarity";

const task: LinearTask<TextPair, number, NumberOutput, NumberSettings> = {
  id: "text-similarity",
  recipes: PAIR_RECIPES,
  texts: ({ text, text_b }) => [text, text_b],
  samples: (texts) =>
    texts.flatMap((text, i) => [
      { text, text_b: text },
      { text, text_b: texts[(i + 1) % texts.length] ?? "" },
    ]),
  told: { ...toldByNumber, leaveOut: leaveOutWordsOfEach },
  ...judgedNumber,
  ...numberOfPair,
};

export const engine = {
  recipes: task.recipes,
  train: (order, run) => trainLinear(task, order, run),
  open: (dir, tokenizers) => openLinear(task, numberSettingsSchema, dir, tokenizers),
  exportTo: (order) => exportLinear(task, numberSettingsSchema, order),
} satisfies Engine<TextPair, number, NumberOutput>;
