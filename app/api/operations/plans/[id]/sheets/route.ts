import { z } from "zod";
import { addPriceSheet, newSheetSchema } from "@/lib/plans";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

/** New prices from a day on: for who subscribes then. */
export const POST = route(
  {
    auth: "staff",
    permission: "operations.manage",
    params: z.object({ id: idField }),
    body: newSheetSchema,
  },
  async ({ params, body, person }) => ({ id: await addPriceSheet(params.id, body, person.userId) }),
);
