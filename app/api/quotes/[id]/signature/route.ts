import { z } from "zod";
import { fail } from "@/lib/errors";
import { signQuote } from "@/lib/quotes";
import { addressOf } from "@/lib/rate-limit";
import { route } from "@/lib/route";
import { idField, nameField } from "@/lib/users";

/** A person signs the document whose hash they name. */
export const POST = route(
  {
    auth: "tenant",
    permission: "projects.sign",
    params: z.object({ id: idField }),
    body: z.object({ name: nameField, sha256: z.string().regex(/^[0-9a-f]{64}$/) }),
  },
  async ({ actor, params, body, request }) => {
    const userId = actor.userId ?? fail("permission_denied");
    const signing = { ...body, userId, address: addressOf(request.headers) };
    const { state } = await signQuote(actor.tenantId, params.id, signing);
    return { state };
  },
);
