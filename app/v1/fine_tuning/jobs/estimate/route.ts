import { jobBodySchema, orderOf } from "@/lib/job-body";
import { route } from "@/lib/route";
import { trainingPrice } from "@/lib/training-price";

/** What an order would cost, refused where the order would be; nothing is started. */
export const POST = route(
  { auth: "tenant", permission: "jobs.write", body: jobBodySchema },
  async ({ actor, body }) => {
    orderOf(body);
    const cost = await trainingPrice(actor.tenantId);
    return {
      object: "fine_tuning.estimate",
      price: cost && { decimal: cost.decimal, currency: cost.currency },
      due: "on_success",
    };
  },
);
