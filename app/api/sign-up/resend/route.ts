import { z } from "zod";
import { resendConfirmation } from "@/lib/accounts";
import { localeOf } from "@/lib/mail-texts";
import { route } from "@/lib/route";
import { emailField } from "@/lib/users";

export const POST = route(
  {
    auth: "public",
    perMinute: 10,
    body: z.object({ email: emailField, password: z.string().max(200) }),
  },
  async ({ body, request }) => {
    await resendConfirmation(body.email, body.password, localeOf(request));
    return { sent: true };
  },
);
