import { expect, test } from "vitest";
import {
  askedHyperparameters,
  loraProblem,
  orderedOf,
  ranHyperparameters,
  unusedOf,
} from "./hyperparameters";
import { jobBodySchema } from "./job-body";
import { taskOf } from "./tasks";

const body = (more: object) => jobBodySchema.parse({ model: "minilm-l6", training_file: "file-1", ...more });

test("numbers are ordered, what is auto is left to the recipe, and `method` counts before what is deprecated", () => {
  expect(orderedOf(body({}))).toEqual({});
  const both = body({
    hyperparameters: { n_epochs: 9, batch_size: 4 },
    method: { type: "supervised", supervised: { hyperparameters: { n_epochs: 2, batch_size: "auto" } } },
    graft: { lora: { rank: 4, alpha: "auto" } },
  });
  expect(orderedOf(both)).toEqual({ epochs: 2, lora: { rank: 4 } });
  expect(askedHyperparameters(both)).toEqual({
    n_epochs: 2,
    batch_size: "auto",
    learning_rate_multiplier: "auto",
  });
});

test("what ran is told in numbers, and what a recipe has no setting for is named once", () => {
  const ordered = body({
    hyperparameters: { n_epochs: 2, learning_rate_multiplier: "auto" },
    graft: { lora: { rank: 4 } },
  });
  const lora = { epochs: 2, batchSize: 32, rateMultiplier: 0.25, rank: 4, alpha: 8, layers: 6 };
  expect(ranHyperparameters(lora)).toEqual({ n_epochs: 2, batch_size: 32, learning_rate_multiplier: 0.25 });
  expect(unusedOf(ordered, lora)).toEqual([]);
  const { alpha: _, layers: __, ...full } = lora;
  expect(unusedOf(ordered, full)).toEqual(["graft.lora.rank"]);
  expect(ranHyperparameters({ c: 10 })).toMatchObject({ n_epochs: "auto" });
  expect(unusedOf(ordered, { c: 10 })).toEqual(["n_epochs", "graft.lora.rank"]);
});

test("no more layers can be ordered than a task runs", () => {
  const problem = (task: string, layers: number) =>
    loraProblem(taskOf(task), { base: "minilm-l6", recipe: "auto", hyperparameters: { lora: { layers } } });
  expect(problem("text-classification", 6)).toBeNull();
  expect(problem("text-classification", 7)?.message).toContain("from 1 to 6");
  expect(problem("text-entities", 4)).toBeNull();
  expect(problem("text-answers", 5)).toMatchObject({
    message: expect.stringContaining("from 1 to 4"),
    param: "graft.lora.layers",
  });
});
