import { z } from "zod";
import { invite, listInvitations } from "@/lib/invitations";
import { localeOf } from "@/lib/mail-texts";
import { ROLE_NAMES } from "@/lib/permissions";
import { route } from "@/lib/route";
import { emailField } from "@/lib/users";

export const GET = route({ auth: "tenant", permission: "members.manage" }, async ({ actor }) => ({
  data: await listInvitations(actor.tenantId),
}));

export const POST = route(
  {
    auth: "tenant",
    permission: "members.manage",
    body: z.object({ email: emailField, role: z.enum(ROLE_NAMES) }),
  },
  ({ actor, body, request }) => invite(actor, { ...body, locale: localeOf(request) }),
);
