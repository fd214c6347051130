import { z } from "zod";
import { requestReset } from "@/lib/accounts";
import { localeOf } from "@/lib/mail-texts";
import { route } from "@/lib/route";
import { emailField } from "@/lib/users";

export const POST = route(
  { auth: "public", perMinute: 10, body: z.object({ email: emailField }) },
  async ({ body, request }) => {
    await requestReset(body.email, localeOf(request));
    return { sent: true };
  },
);
