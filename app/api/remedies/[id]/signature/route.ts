import { z } from "zod";
import { fail } from "@/lib/errors";
import { addressOf } from "@/lib/rate-limit";
import { signRemedy } from "@/lib/remedies";
import { route } from "@/lib/route";
import { signedBody } from "@/lib/signatures";
import { idField } from "@/lib/users";

/** A person agrees to the proposal whose hash they name; what it says happens with it. */
export const POST = route(
  {
    auth: "tenant",
    permission: "projects.sign",
    params: z.object({ id: idField }),
    body: signedBody,
  },
  async ({ actor, params, body, request }) => {
    const userId = actor.userId ?? fail("permission_denied");
    const signing = { ...body, userId, address: addressOf(request.headers) };
    const { state } = await signRemedy(actor.tenantId, params.id, signing);
    return { state };
  },
);
