import { z } from "zod";
import { askForRows, MOST_DAYS } from "@/lib/access-grants";
import { route } from "@/lib/route";
import { textField } from "@/lib/scope";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

/** Asks the customer whether the asking member of staff may see rows. */
export const POST = route(
  {
    auth: "staff",
    permission: "desk.write",
    params: z.object({ tenant: idField, id: idField }),
    body: z.object({
      versionId: idField,
      reason: textField(500),
      days: z.number().int().min(1).max(MOST_DAYS),
    }),
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    return { id: (await askForRows(tenantId, params.id, body, person.userId)).id };
  },
);
