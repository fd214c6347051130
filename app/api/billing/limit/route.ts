import { budgetSchema, saveBudget } from "@/lib/budgets";
import { route } from "@/lib/route";

export const PUT = route(
  { auth: "tenant", permission: "billing.manage", body: budgetSchema },
  async ({ actor, body }) => {
    await saveBudget(actor.tenantId, body, actor.userId ?? "system");
    return body;
  },
);
