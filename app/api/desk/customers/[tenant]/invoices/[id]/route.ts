import { z } from "zod";
import { discardDraft, releaseDraft } from "@/lib/held-drafts";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

/** What happens to a draft that a run left: issued now, or thrown away. */
export const PATCH = route(
  {
    auth: "staff",
    permission: "billing.write",
    params: z.object({ tenant: idField, id: idField }),
    body: z.object({ state: z.enum(["issued", "discarded"]) }),
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const move = body.state === "issued" ? releaseDraft : discardDraft;
    const { state, number } = await move(tenantId, params.id, person.userId);
    return { state, number };
  },
);
