import { z } from "zod";
import { listSuggestions } from "@/lib/labelling-results";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(100) });
const query = z.object({
  at_least: z.coerce.number().min(0).max(1).default(0),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  offset: z.coerce.number().int().min(0).default(0),
});

/** What the model would say about the texts that nobody has answered; nothing of it counts as a label. */
export const GET = route(
  { auth: "tenant", permission: "files.read", params, query },
  async ({ actor, params, query: { at_least, limit, offset } }) =>
    listSuggestions(actor.tenantId, params.id, { atLeast: at_least, limit, offset }),
);
