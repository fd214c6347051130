import {
  admitJobs,
  expiredFiles,
  expiredUploads,
  forgetOldCalls,
  sweepJobs,
  uncheckedWork,
} from "@/db/system";
import { requestMeasurement } from "@/lib/acceptance";
import { sendAppraisal } from "@/lib/appraisals";
import { getVersion, sendBuild } from "@/lib/datasets";
import { purgeFile, requestCheck } from "@/lib/files";
import { advanceJob } from "@/lib/job-advance";
import { deployFrom } from "@/lib/job-deployments";
import { noteStalled } from "@/lib/job-run";
import { getJob } from "@/lib/jobs";
import { requestRanking } from "@/lib/labelling";
import { log } from "@/lib/log";
import { handOverUnsent } from "@/lib/mails";
import { cancelUpload } from "@/lib/part-uploads";
import { enqueue } from "@/lib/queue";
import { sweepIncoming } from "@/lib/receive";
import { sweepUploads } from "@/lib/uploads";
import { sweepCheckpoints, sweepRuns } from "./runs";

/** Who goes next, and what the broker or a dead process left undone. Any worker may do any of this. */
export interface Limits {
  /** Trainings at the same time. */
  room: number;
  /** A running job that was not heard of for so long has lost its worker. */
  staleMs: number;
  /** A pointer that nobody took for so long is lost. */
  lostMs: number;
  /** A check that did not happen for so long is asked for again. */
  uncheckedMs: number;
}

/** Each piece for itself: one that fails must not keep the others from being done. */
async function each<T>(what: string, items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  for (const item of items)
    await work(item).catch((error: Error) =>
      log().warn({ what, error: error.message }, "left for the next sweep"),
    );
}

export async function admit(room: number): Promise<void> {
  await each("admit", await admitJobs(room), async ({ tenant_id: tenantId, job_id: id }) => {
    const { attempt } = await getJob(tenantId, id);
    await enqueue("model.train", { tenantId, id, attempt }, `${id}.${attempt}`);
  });
}

export async function sweep(limits: Limits): Promise<void> {
  const moved = await sweepJobs(limits.staleMs, limits.lostMs);
  await each("jobs", moved, async ({ tenant_id, job_id, why }) => {
    log().warn({ job: job_id, why }, "job waits again");
    if (why === "stalled") await noteStalled(tenant_id, job_id);
  });
  await each("checks", await uncheckedWork(limits.uncheckedMs), async ({ kind, tenant_id, id }) => {
    if (kind === "file") await requestCheck(tenant_id, id);
    else if (kind === "version") await sendBuild(tenant_id, await getVersion(tenant_id, id));
    else if (kind === "appraisal") await sendAppraisal(tenant_id, id);
    else if (kind === "labelling") await requestRanking(tenant_id, id);
    else if (kind === "acceptance") await requestMeasurement(tenant_id, id);
    else if (kind === "deployment") await deployFrom(tenant_id, id);
    else await advanceJob(tenant_id, id);
  });
  await admit(limits.room);
  await handOverUnsent();
}

/** What can wait: deletions that were cut off, files whose time is over, parts that nobody came back for. */
export async function tidy(): Promise<void> {
  await each("files", await expiredFiles(), ({ tenant_id, id }) => purgeFile(tenant_id, id));
  await sweepIncoming();
  await sweepUploads();
  await sweepRuns();
  await sweepCheckpoints();
  await each("uploads", await expiredUploads(), async ({ tenant_id, id }) => {
    await cancelUpload(tenant_id, id, "expired");
  });
  await forgetOldCalls();
}
