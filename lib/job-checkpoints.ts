import { listProvisional, type Model } from "./models";
import { unix } from "./unix";

/**
 * The models that a job handed out while it still trained, as OpenAI's checkpoints. What an interrupted training
 * goes on from is not one of them: it answers nothing (`lib/ml/train/checkpoint.ts`).
 */
const idOf = (model: Model) => model.id.replace(/^mdl_/, "ftckpt_");

/** Newest first. */
export async function listCheckpoints(
  tenantId: string,
  jobId: string,
  page: { after?: string | undefined; limit: number },
): Promise<{ data: Model[]; hasMore: boolean }> {
  const all = await listProvisional(tenantId, [jobId]);
  const found = all.filter((model) => page.after === undefined || idOf(model) < page.after);
  return { data: found.slice(0, page.limit), hasMore: found.length > page.limit };
}

/**
 * `full_valid_mean_token_accuracy` is, as everywhere with a label as the one token of an answer, the share of rows
 * answered right: out of fold, each by a model that had not seen it, over all rows outside the frozen test set; of the
 * recipe that the provisional model has. The other figures, `full_valid_macro_f1` and what else the task measures, are
 * ours, of the same answers. No loss is given, and nothing about training rows: step 0 is before the first step of a
 * tuning.
 */
export function checkpointToWire(model: Model) {
  const step = model.checkpointStep ?? 0;
  const compared = model.report.compared.find((one) => one.chosen);
  const { accuracy, ...scores } = compared?.scores ?? {};
  return {
    object: "fine_tuning.job.checkpoint" as const,
    id: idOf(model),
    created_at: unix(model.createdAt),
    fine_tuning_job_id: model.jobId,
    fine_tuned_model_checkpoint: model.name,
    step_number: step,
    metrics: {
      step,
      ...(accuracy ? { full_valid_mean_token_accuracy: accuracy.value } : {}),
      ...Object.fromEntries(Object.entries(scores).map(([name, { value }]) => [`full_valid_${name}`, value])),
    },
  };
}
