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
/** Without an id all that failed. */
export const replayBody = z.strictObject({ delivery: z.string().min(1).max(100).optional() });
