import { createServer, type Server } from "node:http";
import { serve } from "@hono/node-server";
import { closePools } from "@/db/index";
import { env } from "@/lib/env";
import { log } from "@/lib/log";
import { DEFAULT_BASE } from "@/lib/ml/catalogue";
import { createServeApp } from "@/lib/serve-app";
import { createServeMetrics } from "@/lib/serve-metrics";
import { openServing } from "@/lib/serving";

/**
 * The serving process: listens at once, opens the base behind it, and says so at `/ready`. It stops with the
 * answers it owes given and the spool delivered, and does not outlive the process that started it.
 */
const DRAIN_MS = 15_000;
const PARENT_LOOK_MS = 1000;

const metrics = createServeMetrics();
const serving = await openServing(metrics);
let isStopping = false;
const app = createServeApp(serving, metrics, () => isStopping);
const { HOST, SERVE_PORT, METRICS_PORT } = env();
const server = serve({ fetch: app.fetch, hostname: HOST, port: SERVE_PORT }, ({ port }) =>
  log().info({ port }, "serve listens"),
) as Server;
server.on("error", (error) => {
  log().fatal({ error: error.message, port: SERVE_PORT }, "serve cannot listen");
  process.exit(1);
});
// A labelled file may take longer than Node's five minutes.
server.requestTimeout = 0;

const metricsServer = METRICS_PORT
  ? createServer(async (_request, response) => {
      response.setHeader("content-type", metrics.registry.contentType);
      response.end(await metrics.registry.metrics());
    }).listen(METRICS_PORT, HOST)
  : undefined;

/** Again and again while it is absent: a base may be installed while we run. */
async function openBase(): Promise<void> {
  await serving.bases.get(DEFAULT_BASE).catch(() => {});
  if (serving.bases.state(DEFAULT_BASE) !== "ready" && !isStopping) setTimeout(openBase, 10_000).unref();
}
void openBase();

async function stop(why: string): Promise<void> {
  if (isStopping) return;
  isStopping = true;
  log().info({ why }, "serve stops");
  setTimeout(() => process.exit(1), DRAIN_MS).unref();
  metricsServer?.close();
  await new Promise((done) => {
    server.close(done);
    server.closeIdleConnections();
  });
  await serving.close();
  await closePools();
  process.exit(0);
}

for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
process.on("disconnect", () => void stop("the supervisor is gone"));
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) void stop("the parent is gone");
}, PARENT_LOOK_MS).unref();
