import { findAppraisal } from "@/lib/appraisals";
import { jobBodySchema, orderOf } from "@/lib/job-body";
import { promiseOf } from "@/lib/late-trainings";
import { route } from "@/lib/route";
import { LATE_CREDIT_PERCENT } from "@/lib/training-forecast";
import { trainingPrice } from "@/lib/training-price";

/** What an order would cost, refused where the order would be; nothing is started. */
export const POST = route(
  { auth: "tenant", permission: "jobs.write", body: jobBodySchema },
  async ({ actor, body }) => {
    const { versionId, budgetMinutes, hyperparameters } = orderOf(body);
    const appraisal = versionId ? await findAppraisal(actor.tenantId, versionId) : null;
    const cost = await trainingPrice(actor.tenantId);
    return {
      object: "fine_tuning.estimate",
      price: cost && { decimal: cost.decimal, currency: cost.currency },
      due: "on_success",
      promised_minutes: promiseOf(appraisal, budgetMinutes, hyperparameters.epochs),
      late_credit_percent: LATE_CREDIT_PERCENT,
    };
  },
);
