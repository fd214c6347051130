import { z } from "zod";
import { route } from "@/lib/route";
import { checkoutPage } from "@/lib/stripe";
import { idField } from "@/lib/users";

export const POST = route(
  { auth: "tenant", permission: "billing.manage", params: z.object({ id: idField }), perMinute: 30 },
  async ({ actor, params }) => ({ url: await checkoutPage(actor, params.id) }),
);
