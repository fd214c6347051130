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
    const found = await listFeedback(actor.tenantId, { ...query, limit: query.limit + 1 });
    const data = found.slice(0, query.limit).map(feedbackToWire);
    return { object: "list", data, has_more: found.length > data.length };
  },
);
