import { z } from "zod";
import { fail } from "@/lib/errors";
import { signQuote } from "@/lib/quotes";
import { addressOf } from "@/lib/rate-limit";
import { route } from "@/lib/route";
import { signedBody } from "@/lib/signatures";
import { idField } from "@/lib/users";

/** A person signs the document whose hash they name. */
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
    const { state } = await signQuote(actor.tenantId, params.id, signing);
    return { state };
  },
);
