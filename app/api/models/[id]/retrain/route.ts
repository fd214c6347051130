import { z } from "zod";
import { trainCorrected } from "@/lib/corrections";
import { route } from "@/lib/route";

const params = z.object({ id: z.string().min(1).max(200) });

/** Orders the model's training once more, on its rows with their corrected labels. */
export const POST = route({ auth: "tenant", permission: "jobs.write", params }, async ({ actor, params }) => {
  const job = await trainCorrected(actor, params.id);
  return { id: job.id };
});
