import { z } from "zod";
import { route } from "@/lib/route";
import { changeSettings } from "@/lib/tenants";
import { nameField } from "@/lib/users";

export const PATCH = route(
  {
    auth: "tenant",
    permission: "settings.manage",
    body: z.strictObject({ name: nameField.optional(), storePredictions: z.boolean().optional() }),
  },
  ({ actor, body }) => changeSettings(actor, body),
);
