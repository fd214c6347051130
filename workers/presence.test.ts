import { sql } from "drizzle-orm";
import { afterAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { workers } from "@/db/schema/people";
import { forPlatform } from "@/db/tenant";
import { listWorkers, noteWorker } from "@/lib/workers";
import { createPresence } from "./presence";

afterAll(closePools);

test("the operator reads what a worker's trainings compute with, until it stops", async () => {
  const presence = createPresence(new AbortController().signal);
  await presence.renew();
  expect(await listWorkers()).toMatchObject([{ backend: null }]);
  await presence.renew();
  const [row] = await listWorkers();
  expect(row?.backend?.label).toMatch(/^TensorFlow\.js /);
  if (row?.backend?.id === "wasm") expect(row.backend.missing?.command).toBe("node scripts/native.mjs");
  await presence.end();
  expect(await listWorkers()).toEqual([]);
});

test("a worker that fell silent is not listed", async () => {
  await noteWorker("wrk_silent", null);
  await forPlatform((tx) => tx.update(workers).set({ seenAt: sql`now() - interval '3 minutes'` }));
  expect(await listWorkers()).toEqual([]);
});
