import { z } from "zod";
import { strengthSchema } from "@/lib/deployments";

/** A canary that answers every call is a promotion. */
const MOST_PERCENT = 99;

export const deploymentParams = z.object({ name: z.string().min(1).max(64) });
const model = z.string().min(1).max(300);

export const deploymentBody = z.strictObject({ name: z.string().min(1).max(64), model });
/** What is left out stays; null ends a trial, and sets the strength back to what was chosen out of fold. */
export const changeBody = z
  .strictObject({
    strength: strengthSchema.nullish(),
    force: z.boolean().optional().describe("Sets the strength although saved examples fail at it"),
    canary: z.strictObject({ model, percent: z.number().int().min(1).max(MOST_PERCENT) }).nullish(),
    shadow: z.strictObject({ model }).nullish(),
  })
  .refine(
    ({ force: _, ...body }) => Object.values(body).some((one) => one !== undefined),
    "name `strength`, `canary` or `shadow`",
  );
export const promotionBody = z.strictObject({ model: model.optional(), force: z.boolean().optional() });
export const exampleBody = z.strictObject({
  input: z.union([z.string().min(1), z.record(z.string(), z.unknown())]),
  expected: z.string().max(1000),
  tolerance: z.number().min(0).optional(),
});
export const checkBody = z.strictObject({
  model,
  strength: strengthSchema.nullish().describe("Absent: as the version answers under this name"),
});
