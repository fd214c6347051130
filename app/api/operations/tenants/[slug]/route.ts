import { z } from "zod";
import { route } from "@/lib/route";
import { activateTenant, suspendTenant } from "@/lib/tenants";
import { idField } from "@/lib/users";

export const PATCH = route(
  {
    auth: "staff",
    permission: "operations.manage",
    params: z.object({ slug: idField }),
    body: z.object({ state: z.enum(["active", "suspended"]) }),
  },
  async ({ params, body, person }) => {
    const move = body.state === "active" ? activateTenant : suspendTenant;
    await move(params.slug, person.userId);
    return { slug: params.slug, state: body.state };
  },
);
