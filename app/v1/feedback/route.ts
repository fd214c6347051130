import { z } from "zod";
import { feedbackToWire, listFeedback } from "@/lib/feedback";
import { route } from "@/lib/route";

export const GET = route(
  {
    auth: "tenant",
    permission: "jobs.read",
    query: z.object({
      model: z.string().max(300).optional(),
      after: z.string().max(100).optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(100),
    }),
  },
  async ({ actor, query }) => {
    const { data, hasMore } = await listFeedback(actor.tenantId, query);
    return { object: "list", data: data.map(feedbackToWire), has_more: hasMore };
  },
);
