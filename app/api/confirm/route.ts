import { z } from "zod";
import { confirmEmail } from "@/lib/accounts";
import { route } from "@/lib/route";
import { tokenField } from "@/lib/users";

/** A POST, because mail scanners open links. */
export const POST = route(
  { auth: "public", perMinute: 30, body: z.object({ token: tokenField }) },
  ({ body }) => confirmEmail(body.token),
);
