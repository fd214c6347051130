import { z } from "zod";
import { openInquiry, WAYS } from "@/lib/inquiries";
import { localeOf } from "@/lib/mail-texts";
import { route } from "@/lib/route";
import { commentField } from "@/lib/scope";
import { emailField, nameField } from "@/lib/users";

export const POST = route(
  {
    auth: "public",
    perMinute: 6,
    body: z.object({
      way: z.enum(WAYS),
      name: nameField,
      email: emailField,
      company: nameField,
      message: commentField,
    }),
  },
  async ({ body, request }) => ({ id: await openInquiry(body, localeOf(request)) }),
);
