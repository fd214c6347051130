import { wireJob } from "@/lib/jobs";
import { importModel } from "@/lib/model-import";
import { route } from "@/lib/route";

export const POST = route({ auth: "tenant", permission: "jobs.write" }, async ({ actor, request }) =>
  wireJob(actor, await importModel(actor, request)),
);
