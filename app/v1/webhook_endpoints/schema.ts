import { z } from "zod";
import { EVENT_TYPES } from "@/lib/webhook-types";

export const endpointParams = z.object({ id: z.string().min(1).max(100) });
const url = z.string().min(1).max(2000);
const description = z.string().max(200);
const events = z.array(z.enum(EVENT_TYPES)).max(EVENT_TYPES.length);
export const endpointBody = z.strictObject({
  url,
  description: description.optional(),
  events: events.optional(),
});
export const changeBody = z
  .strictObject({ url, description, events, enabled: z.boolean() })
  .partial()
  .refine((change) => Object.keys(change).length > 0, "name what is to change");
/** Without either all that failed. */
export const replayBody = z
  .strictObject({
    delivery: z.string().min(1).max(100).optional(),
    /** Unix seconds. */
    since: z.number().int().min(0).max(253_402_300_799).optional(),
  })
  .refine(({ delivery, since }) => delivery === undefined || since === undefined, {
    path: ["since"],
    message: "is of all that failed, not of one delivery",
  });
export const deliveriesQuery = z.object({
  after: z.string().max(100).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
  state: z.enum(["pending", "delivered", "failed"]).optional(),
});
