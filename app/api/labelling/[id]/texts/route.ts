import { z } from "zod";
import { nextTexts } from "@/lib/labelling-answers";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(100) });
const body = z.object({
  limit: z.number().int().min(1).max(20).default(4),
  /** Places of texts that this person has already. */
  without: z.array(z.number().int().min(0)).max(100).default([]),
});

/** The next texts, held for the one who asks: that changes something, so it is no GET. */
export const POST = route(
  { auth: "tenant", permission: "files.write", params, body },
  async ({ actor, params, body }) => ({
    object: "list",
    data: await nextTexts(actor, params.id, body.limit, body.without),
  }),
);
