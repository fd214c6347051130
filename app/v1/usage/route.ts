import { route } from "@/lib/route";
import { usageByDay, usageToWire } from "@/lib/usage";
import { usageQuery } from "./schema";

export const GET = route(
  { auth: "tenant", permission: "usage.read", query: usageQuery },
  async ({ actor, query }) => usageToWire(await usageByDay(actor.tenantId, query.days)),
);
