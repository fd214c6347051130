import { billingProfileSchema, saveProfile } from "@/lib/billing-profiles";
import { route } from "@/lib/route";

export const PUT = route(
  { auth: "tenant", permission: "billing.manage", body: billingProfileSchema },
  async ({ actor, body }) => {
    const { version } = await saveProfile(actor.tenantId, body, actor.userId ?? "system");
    return { version };
  },
);
