import { createPlan, listPlans, planSchema } from "@/lib/plans";
import { route } from "@/lib/route";

export const GET = route({ auth: "staff", permission: "operations.read" }, async () => ({
  data: await listPlans(),
}));

export const POST = route(
  { auth: "staff", permission: "operations.manage", body: planSchema },
  async ({ body, person }) => {
    await createPlan(body, person.userId);
    return { id: body.id };
  },
);
