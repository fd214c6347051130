import { z } from "zod";
import { createKey, listKeys } from "@/lib/keys";
import { KEY_SCOPES } from "@/lib/permissions";
import { route } from "@/lib/route";
import { nameField } from "@/lib/users";

export const GET = route({ auth: "tenant", permission: "keys.manage" }, async ({ actor }) => ({
  data: await listKeys(actor.tenantId),
}));

export const POST = route(
  {
    auth: "tenant",
    permission: "keys.manage",
    body: z.object({
      name: nameField,
      scopes: z.array(z.enum(KEY_SCOPES)).min(1).max(KEY_SCOPES.length),
      requestsPerMinute: z.number().int().min(1).max(1_000_000).nullish(),
      tokensPerMinute: z.number().int().min(1).max(1_000_000_000).nullish(),
      expiresInDays: z.number().int().min(1).max(3650).nullable().default(null),
    }),
  },
  async ({ actor, body }) => {
    const { key, row } = await createKey(actor, body);
    const { id, name, start, scopes, expiresAt, createdAt } = row;
    // The only answer that ever holds the key.
    return { id, name, start, scopes, expiresAt, createdAt, key };
  },
);
