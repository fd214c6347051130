import { z } from "zod";
import { draftQuote, quoteInputSchema } from "@/lib/quotes";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

/** Drafts the next version. */
export const POST = route(
  {
    auth: "staff",
    permission: "desk.write",
    params: z.object({ tenant: idField, id: idField }),
    body: quoteInputSchema,
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const { id, version } = await draftQuote(tenantId, params.id, body, person.userId);
    return { id, version };
  },
);
