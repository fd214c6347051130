import { z } from "zod";
import { acceptInvitation } from "@/lib/invitations";
import { route } from "@/lib/route";
import { personOf } from "@/lib/session";
import { nameField, passwordField, tokenField } from "@/lib/users";

/** Public, because most who are invited have no account yet; a session is used when there is one. */
export const POST = route(
  {
    auth: "public",
    perMinute: 30,
    body: z.object({ token: tokenField, name: nameField.optional(), password: passwordField.optional() }),
  },
  async ({ body, request }) => acceptInvitation(body, await personOf(request)),
);
