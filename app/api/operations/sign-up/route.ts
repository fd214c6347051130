import { z } from "zod";
import { isSignUpOpen, setSignUpOpen } from "@/lib/platform-settings";
import { route } from "@/lib/route";

export const GET = route({ auth: "staff", permission: "operations.read" }, async () => ({
  isOpen: await isSignUpOpen(),
}));

export const PATCH = route(
  { auth: "staff", permission: "operations.manage", body: z.object({ isOpen: z.boolean() }) },
  async ({ body, person }) => {
    await setSignUpOpen(body.isOpen, person.userId);
    return { isOpen: body.isOpen };
  },
);
