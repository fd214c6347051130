import { z } from "zod";
import { AppError, fail } from "./errors";
import { hyperparametersBody, loraBody, loraProblem, orderedOf } from "./hyperparameters";
import { BASES } from "./ml/catalogue";
import {
  type ColumnMap,
  columnMapSchema,
  type Hyperparameters,
  PRECISIONS,
  type Precision,
} from "./ml/contract";
import { DEFAULT_TASK, precisionProblem, recipeProblem, taskOf } from "./tasks";
import { DEFAULT_BUDGET_MINUTES } from "./training-forecast";

/** What an order for a training says, in OpenAI's shape with our own part under `graft`. */
export const jobBodySchema = z.object({
  model: z.string().min(1).max(200),
  training_file: z.string().min(1).max(100),
  validation_file: z.string().min(1).max(100).nullish(),
  // It becomes a part of the model's name, between colons.
  suffix: z
    .string()
    .max(64)
    .regex(/^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/, "use letters, digits, `-`, `_` and `.`")
    .nullish(),
  seed: z.number().int().min(0).max(2_147_483_647).nullish(),
  metadata: z
    .record(z.string().min(1).max(64), z.string().max(512))
    .refine((all) => Object.keys(all).length <= 16, "at most 16 pairs")
    .nullish(),
  method: z
    .object({
      type: z.string(),
      supervised: z.object({ hyperparameters: hyperparametersBody.optional() }).optional(),
    })
    .nullish(),
  hyperparameters: hyperparametersBody.nullish(),
  integrations: z.array(z.unknown()).nullish(),
  graft: z
    .strictObject({
      task: z.string().max(60).optional(),
      recipe: z.string().max(40).optional(),
      columns: columnMapSchema.optional(),
      /** A frozen version of the training file's rows, instead of `columns`. */
      dataset_version: z.string().min(1).max(100).optional(),
      refit: z.boolean().optional(),
      budget_minutes: z.number().int().min(1).max(1440).optional(),
      /** `int8`: the base answers in 8 bits, about twice as fast, where the model's own test score holds. */
      precision: z.enum(PRECISIONS).optional(),
      lora: loraBody.optional(),
      /** The name that its model shall answer under: made, or promoted once the saved examples pass. */
      deployment: z.string().min(1).max(64).optional(),
      /** Minor units of the contract's currency; what costs more is not started. */
      max_price_minor: z.number().int().min(0).optional(),
    })
    .nullish(),
});
export type JobBody = z.infer<typeof jobBodySchema>;

export interface Order {
  base: string;
  task: string | undefined;
  recipe: string;
  refit: boolean;
  budgetMinutes: number;
  precision: Precision;
  hyperparameters: Hyperparameters;
  columns: ColumnMap | undefined;
  versionId: string | undefined;
}

/** The order behind a body; refuses what no file can make good. */
export function orderOf(body: JobBody): Order {
  if (!Object.hasOwn(BASES, body.model)) throw new AppError("model_not_found", { param: "model" });
  if (body.method && body.method.type !== "supervised")
    fail("unsupported_parameter", `The method \`${body.method.type}\` is not offered.`, "method.type");
  if (body.integrations && body.integrations.length > 0)
    fail("unsupported_parameter", "Integrations are not offered.", "integrations");
  const asked = body.graft ?? {};
  const task = taskOf(asked.task ?? DEFAULT_TASK, "graft.task");
  if (asked.dataset_version && asked.columns)
    fail(
      "invalid_request",
      "A dataset version has its columns already; name one of the two.",
      "graft.columns",
    );
  const recipe = asked.recipe ?? "auto";
  const problem = recipeProblem(task, recipe);
  if (problem) fail("recipe_unsupported", problem, "graft.recipe");
  const precision = asked.precision ?? "float32";
  const tooCoarse = precisionProblem(task, precision);
  if (tooCoarse) fail("unsupported_parameter", tooCoarse, "graft.precision");
  const hyperparameters = orderedOf(body);
  const adapter = loraProblem(task, { base: body.model, recipe, hyperparameters });
  if (adapter) fail("unsupported_parameter", adapter.message, adapter.param);
  return {
    base: body.model,
    task: asked.task,
    recipe,
    refit: asked.refit ?? true,
    budgetMinutes: asked.budget_minutes ?? DEFAULT_BUDGET_MINUTES,
    precision,
    hyperparameters,
    columns: asked.columns,
    versionId: asked.dataset_version,
  };
}
