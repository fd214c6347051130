import { z } from "zod";
import { sendQuote, withdrawQuote } from "@/lib/quotes";
import { route } from "@/lib/route";
import { customerOf } from "@/lib/staff";
import { idField } from "@/lib/users";

export const PATCH = route(
  {
    auth: "staff",
    permission: "desk.write",
    params: z.object({ tenant: idField, id: idField }),
    body: z.object({ state: z.enum(["sent", "withdrawn"]) }),
  },
  async ({ person, params, body }) => {
    const { tenantId } = await customerOf(person, params.tenant);
    const move = body.state === "sent" ? sendQuote : withdrawQuote;
    return { state: (await move(tenantId, params.id, person.userId)).state };
  },
);
