import { z } from "zod";
import { resetPassword } from "@/lib/accounts";
import { route } from "@/lib/route";
import { passwordField, tokenField } from "@/lib/users";

export const POST = route(
  { auth: "public", perMinute: 30, body: z.object({ token: tokenField, password: passwordField }) },
  async ({ body }) => {
    await resetPassword(body.token, body.password);
    return { changed: true };
  },
);
