import { existsSync } from "node:fs";
import { Readable } from "node:stream";
import { afterAll, beforeAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { appraisalToWire, findAppraisal, getAppraisal, requestAppraisal } from "@/lib/appraisals";
import { ensureBase } from "@/lib/bases";
import { getVersion, requestVersion } from "@/lib/datasets";
import { createFile, deleteFile } from "@/lib/files";
import { scoreBand } from "@/lib/forecasts";
import { cacheDir } from "@/lib/home";
import { closeQueues } from "@/lib/queue";
import { type Actor, actorOf } from "@/lib/session";
import { createTenant } from "@/lib/tenants";
import { dropMessages } from "./broker.fixture";
import { until } from "./serve-fixtures";
import { startWorker } from "./worker";

/** From a file to its readiness, with the real database, broker, worker, child and base. */
const STARTS = {
  refund: ["please refund", "i want my money back for", "reimburse me for", "return the payment of"],
  delivery: ["where is my parcel with", "the courier lost", "when will you ship", "track the package of"],
};
const THINGS = ["shoes", "lamps", "books", "chairs", "phones", "plates", "tickets", "bikes"];
const CSV = `message,queue\n${Object.entries(STARTS)
  .flatMap(([label, starts]) =>
    starts.flatMap((start) =>
      THINGS.flatMap((one) => THINGS.slice(0, 4).map((two) => `${start} the ${one} and ${two},${label}`)),
    ),
  )
  .join("\n")}\n`;

let actor: Actor;
let other: Actor;
let worker: { close(): Promise<void> };
const memberOf = async (name: string) => {
  const { apiKey } = await createTenant({ name, email: `${name}@appraisal.test` });
  return actorOf(new Request("http://x/", { headers: { authorization: `Bearer ${apiKey}` } }));
};
beforeAll(async () => {
  await ensureBase("minilm-l6");
  [actor, other] = [await memberOf("one"), await memberOf("two")];
  worker = await startWorker({ sweepMs: 300, uncheckedMs: 300 });
});
afterAll(async () => {
  await worker?.close();
  await Promise.all([closeQueues(), closePools()]);
});

async function upload() {
  const stream = Readable.from([Buffer.from(CSV)]);
  const names = { filename: "messages.csv", purpose: "fine-tune" } as const;
  const file = await createFile({ tenantId: actor.tenantId, actorId: "system", ...names, stream });
  const columns = { text: "message", label: "queue" };
  const { id } = await requestVersion(actor.tenantId, { fileId: file.id, columns });
  return { fileId: file.id, id };
}
const ready = (id: string) =>
  until(`${id} ready`, async () => (await getVersion(actor.tenantId, id)).status === "ready");
const told = (id: string) =>
  until(`${id} told`, async () => {
    const appraisal = await getAppraisal(actor.tenantId, id);
    return appraisal.state === "running" ? false : appraisal;
  });

test("a version's readiness is told once, and a lost message is sent again", {
  timeout: 120_000,
}, async () => {
  const { id } = await upload();
  await expect(requestAppraisal(actor.tenantId, id, actor)).rejects.toMatchObject({
    code: "invalid_request",
  });
  await ready(id);
  expect(await findAppraisal(actor.tenantId, id)).toBeNull();
  expect(await requestAppraisal(actor.tenantId, id, actor)).toMatchObject({ state: "running" });
  await dropMessages();
  const appraisal = await told(id);
  expect(appraisal).toMatchObject({ state: "ready", report: { rows: 256, noProbe: null } });
  expect(appraisal.report && scoreBand(appraisal.report, { rows: 500 })?.accuracy.value).toBeGreaterThan(0.8);
  expect((await requestAppraisal(actor.tenantId, id, actor)).finishedAt).toEqual(appraisal.finishedAt);
  expect(appraisalToWire(appraisal)).toMatchObject({
    object: "dataset.appraisal",
    status: "ready",
    error: null,
  });
  // No text of the file, not even a thing that every tenth row names.
  expect(JSON.stringify(appraisal.report)).not.toContain("tickets");
});

test("rows that are deleted while they are looked at leave nothing in the cache", async () => {
  const { fileId, id } = await upload();
  await ready(id);
  await requestAppraisal(actor.tenantId, id, actor);
  await deleteFile(actor.tenantId, fileId);
  await told(id);
  await until("clean", async () => !existsSync(cacheDir(actor.tenantId, fileId)));
  await expect(requestAppraisal(actor.tenantId, id, actor)).rejects.toMatchObject({
    code: "invalid_request",
  });
});

test("another tenant's version has no readiness to ask for", async () => {
  const { id } = await upload();
  await ready(id);
  await expect(requestAppraisal(other.tenantId, id, other)).rejects.toMatchObject({ code: "not_found" });
  await expect(getAppraisal(other.tenantId, id)).rejects.toMatchObject({ code: "not_found" });
});
