import { z } from "zod";
import { feedbackToWire, giveFeedback } from "@/lib/feedback";
import { route } from "@/lib/route";

export const POST = route(
  {
    auth: "tenant",
    permission: "feedback.create",
    params: z.object({ id: z.string().regex(/^(pred_|chatcmpl-)[0-9a-z]{10,40}$/) }),
    body: z.strictObject({
      index: z.number().int().min(0).default(0),
      correct: z.boolean(),
      label: z.string().min(1).max(1000).nullish(),
      input: z.union([z.string().max(20_000), z.record(z.string(), z.unknown())]).optional(),
    }),
  },
  async ({ actor, params, body }) => feedbackToWire(await giveFeedback(actor, params.id, body)),
);
