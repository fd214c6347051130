import { listMembers } from "@/lib/members";
import { route } from "@/lib/route";

export const GET = route({ auth: "tenant", permission: "members.read" }, async ({ actor }) => ({
  data: await listMembers(actor.tenantId),
}));
