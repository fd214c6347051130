import { z } from "zod";
import { MOST_PERCENT } from "@/lib/deployments";

export const deploymentParams = z.object({ name: z.string().min(1).max(64) });
const model = z.string().min(1).max(300);

export const deploymentBody = z.strictObject({ name: z.string().min(1).max(64), model });
/** What is left out stays; null ends it. */
export const trialBody = z
  .strictObject({
    canary: z.strictObject({ model, percent: z.number().int().min(1).max(MOST_PERCENT) }).nullish(),
    shadow: z.strictObject({ model }).nullish(),
  })
  .refine(({ canary, shadow }) => canary !== undefined || shadow !== undefined, "name `canary` or `shadow`");
export const promotionBody = z.strictObject({ model: model.optional(), force: z.boolean().optional() });
export const exampleBody = z.strictObject({
  input: z.union([z.string().min(1), z.record(z.string(), z.unknown())]),
  expected: z.string().max(1000),
  tolerance: z.number().min(0).optional(),
});
export const checkBody = z.strictObject({ model });
