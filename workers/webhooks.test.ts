import { type ChildProcess, fork } from "node:child_process";
import type { ServerResponse } from "node:http";
import { fileURLToPath } from "node:url";
import { eq } from "drizzle-orm";
import { Webhook } from "standardwebhooks";
import { afterAll, expect, test } from "vitest";
import { closePools } from "@/db/index";
import { webhookDeliveries } from "@/db/schema/webhooks";
import { forTenant } from "@/db/tenant";
import { closeQueues } from "@/lib/queue";
import type { Actor } from "@/lib/session";
import { createTenant } from "@/lib/tenants";
import { emitEvent } from "@/lib/webhook-events";
import { openReceiver } from "@/lib/webhook-receiver.fixture";
import { createEndpoint, listDeliveries } from "@/lib/webhooks";
import { until } from "./serve-fixtures";
import { startWorker } from "./worker";

/** The worker's own loop, in a process that is killed. */
process.env.WEBHOOK_ALLOW_PRIVATE = "true";
let reply: (response: ServerResponse) => void = () => {};
const { got, url: address, close } = await openReceiver((response) => reply(response));
let process2: ChildProcess | undefined;
let worker: { close(): Promise<void> } | undefined;
afterAll(async () => {
  process2?.kill("SIGKILL");
  await worker?.close();
  close();
  await Promise.all([closeQueues(), closePools()]);
});

test("what a killed worker was sending is sent by another, with the same id, when the claim has ended", async () => {
  const { tenantId } = await createTenant({ name: "Told", email: "told@webhooks.test" });
  const actor = { tenantId, userId: "usr_test", keyId: null } as Actor;
  const { endpoint, secret } = await createEndpoint(actor, { url: `${address}/in` });
  const delivery = async () => (await listDeliveries(tenantId, endpoint.id, { limit: 1 })).data[0];

  process2 = fork(fileURLToPath(new URL("./fixture-worker.ts", import.meta.url)), [], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "inherit", "inherit", "ipc"],
  });
  await forTenant(tenantId, (tx) => emitEvent(tx, "file.validated", { id: "file-1" }));
  await until("it is being sent", async () => got.length === 1);
  const gone = new Promise((done) => process2?.once("exit", done));
  process2.kill("SIGKILL");
  await gone;
  const left = await delivery();
  expect(left).toMatchObject({ state: "pending", tries: 0, attempts: [] });
  expect(left?.nextAt.getTime()).toBeGreaterThan(Date.now());

  reply = (response) => response.writeHead(204).end();
  await forTenant(tenantId, (tx) =>
    tx.update(webhookDeliveries, { nextAt: new Date() }, eq(webhookDeliveries.endpointId, endpoint.id)),
  );
  worker = await startWorker();
  await until("it is delivered", async () => (await delivery())?.state === "delivered");
  expect(got).toHaveLength(2);
  expect(got[1]?.headers["webhook-id"]).toBe(got[0]?.headers["webhook-id"]);
  for (const { headers, body } of got)
    expect(new Webhook(secret).verify(body, headers)).toMatchObject({ data: { id: "file-1" } });
});
