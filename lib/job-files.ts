import { forgetCheckpoints } from "./home";
import { jobKey, removeBlobs } from "./storage";

/** The files of an adapter that was brought along, and the most bytes of each. */
export const ADAPTER_FILES = { "adapter_config.json": 1_000_000, "adapter_model.safetensors": 64_000_000 };

/** What only an unfinished job needs: how far it came, and the adapter that was brought along. Safe to repeat. */
export async function forgetJob(tenantId: string, jobId: string): Promise<void> {
  await forgetCheckpoints(tenantId, jobId);
  await removeBlobs(jobKey(tenantId, jobId, ""));
}
