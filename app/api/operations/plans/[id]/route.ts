import { z } from "zod";
import { changePlan, planSchema } from "@/lib/plans";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

/** Its name, and whether the front door shows it. */
export const PATCH = route(
  {
    auth: "staff",
    permission: "operations.manage",
    params: z.object({ id: idField }),
    body: planSchema.omit({ id: true }).partial(),
  },
  async ({ params, body, person }) => {
    await changePlan(params.id, body, person.userId);
    return { id: params.id };
  },
);
