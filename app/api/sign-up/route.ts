import { z } from "zod";
import { signUp } from "@/lib/accounts";
import { localeOf } from "@/lib/mail-texts";
import { route } from "@/lib/route";
import { emailField, nameField, passwordField } from "@/lib/users";

export const POST = route(
  {
    auth: "public",
    perMinute: 20,
    body: z.object({
      name: nameField,
      email: emailField,
      password: passwordField,
      organisation: nameField,
    }),
  },
  async ({ body, request }) => {
    await signUp({ ...body, locale: localeOf(request) });
    return { sent: true };
  },
);
