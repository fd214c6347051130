import { existsSync, mkdirSync } from "node:fs";
import { afterAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { jobs } from "@/db/schema/work";
import { forTenant } from "@/db/tenant";
import { deleteTenant } from "@/lib/closing";
import { checkpointDir } from "@/lib/home";
import { createId } from "@/lib/id";
import { type JobState, OPEN_STATES, STATES } from "@/lib/job-moves";
import { createTenant } from "@/lib/tenants";
import { sweepCheckpoints } from "./runs";

afterAll(closePools);

test("checkpoints stay while a job may go on, and go with its end, its row or its tenant", async () => {
  const { tenantId, slug } = await createTenant({ name: "Runs", email: "runs@acme.test" });
  const common = { trainingFileId: "file-x", task: "t", base: "minilm-l6", seed: 1, asked: {}, stages: [] };
  const made = new Map<string, JobState>();
  for (const state of STATES) {
    const id = createId("job");
    await forTenant(tenantId, (tx) => tx.insert(jobs, { ...common, id, state, createdBy: "system" }));
    made.set(id, state);
  }
  const dirs = [...made.keys(), createId("job")].map((id) => checkpointDir(tenantId, id));
  dirs.push(checkpointDir(createId("tenant"), createId("job")));
  for (const dir of dirs) mkdirSync(dir, { recursive: true });
  await sweepCheckpoints();
  const left = [...made].filter(([id]) => existsSync(checkpointDir(tenantId, id)));
  expect(left.map(([, state]) => state)).toEqual(OPEN_STATES);
  expect(dirs.filter((dir) => existsSync(dir))).toHaveLength(OPEN_STATES.length);
  await deleteTenant(slug);
  expect(dirs.filter((dir) => existsSync(dir))).toEqual([]);
});
