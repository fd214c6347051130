import { z } from "zod";
import { choosePlan } from "@/lib/plan-choice";
import { route } from "@/lib/route";
import { idField } from "@/lib/users";

export const POST = route(
  { auth: "tenant", permission: "billing.manage", body: z.object({ planId: idField }) },
  ({ actor, body }) => choosePlan(actor.tenantId, body.planId, actor.userId ?? "system"),
);
