import { createServer, type Server, STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import { serve } from "@hono/node-server";
import { closePools } from "@/db/index";
import { env } from "@/lib/env";
import { AppError, errorResponse } from "@/lib/errors";
import { createId } from "@/lib/id";
import { log } from "@/lib/log";
import { DEFAULT_BASE } from "@/lib/ml/catalogue";
import { createServeApp } from "@/lib/serve-app";
import { createServeMetrics, type ServeMetrics } from "@/lib/serve-metrics";
import { createServePresence } from "@/lib/serve-presence";
import { PATIENCE } from "@/lib/server-patience";
import { openServing, type Serving } from "@/lib/serving";
import { removeLeftDirs } from "@/lib/work-dirs";
import { createExporter } from "./run-export";

/**
 * The serving process: listens at once, opens the base behind it, and says so at `/ready`. It stops with the
 * answers it owes given and the spool delivered, and does not outlive the process that started it.
 */
const DRAIN_MS = 15_000;
const PARENT_LOOK_MS = 1000;
const BASE_LOOK_MS = 10_000;
const PRESENCE_MS = 10_000;

/** Connections are looked at more often than by Node's habit, every half minute. */
const CONNECTIONS = { ...PATIENCE, connectionsCheckingInterval: 1000, keepAliveTimeout: 5000 };

export async function startServe(threadEntry: URL): Promise<void> {
  const metrics = createServeMetrics();
  const serving = await openServing(metrics, threadEntry, createExporter(env().GRAFT_THREADS));
  let isStopping = false;
  const app = createServeApp(serving, metrics, () => isStopping);
  const { HOST, SERVE_PORT } = env();
  const server = serve(
    { fetch: app.fetch, hostname: HOST, port: SERVE_PORT, serverOptions: CONNECTIONS },
    ({ port }) => log().info({ port }, "serve listens"),
  ) as Server;
  server.on("error", (error) => {
    log().fatal({ error: error.message, port: SERVE_PORT }, "serve cannot listen");
    process.exit(1);
  });
  server.on("clientError", (error, socket) => void refuseUnread(error, socket));
  const metricsServer = listenForMetrics(metrics);
  void removeLeftDirs().catch((error: unknown) => log().warn({ error }, "left files stay"));
  keepBaseOpen(serving);
  const presence = createServePresence();
  const renew = () => void presence.renew().catch(() => {});
  renew();
  setInterval(renew, PRESENCE_MS).unref();

  stopWithParent(async (why) => {
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
    await presence.end().catch(() => {});
    await closePools();
    process.exit(0);
  });
}

/** What Node could not read as a request, in the envelope of every other refusal. */
async function refuseUnread(error: NodeJS.ErrnoException, socket: Duplex): Promise<void> {
  if (error.code === "ECONNRESET" || !socket.writable) return void socket.destroy();
  const code = error.code === "ERR_HTTP_REQUEST_TIMEOUT" ? "request_timeout" : "invalid_request";
  const answer = errorResponse(new AppError(code), createId("request"));
  const body = await answer.text();
  const headers = { ...Object.fromEntries(answer.headers), "content-length": Buffer.byteLength(body) };
  const lines = Object.entries({ ...headers, connection: "close" }).map(
    ([name, value]) => `${name}: ${value}`,
  );
  const head = [`HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`, ...lines].join("\r\n");
  socket.end(`${head}\r\n\r\n${body}`, () => socket.destroy());
}

function listenForMetrics(metrics: ServeMetrics): Server | undefined {
  const { HOST, METRICS_PORT } = env();
  if (!METRICS_PORT) return undefined;
  const server = createServer(async (_request, response) => {
    response.setHeader("content-type", metrics.registry.contentType);
    response.end(await metrics.registry.metrics());
  });
  // Answers matter more than being watched.
  server.on("error", (error) => log().error({ error: error.message, port: METRICS_PORT }, "no metrics"));
  return server.listen(METRICS_PORT, HOST);
}

/** Again while it is absent or broken: a base may be installed, and its thread may end, while we run. */
function keepBaseOpen(serving: Serving): void {
  const open = () => void serving.bases.get(DEFAULT_BASE).catch(() => {});
  open();
  setInterval(() => {
    if (serving.bases.state(DEFAULT_BASE) !== "ready") open();
  }, BASE_LOOK_MS).unref();
}

function stopWithParent(stop: (why: string) => Promise<void>): void {
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => void stop(signal));
  process.on("disconnect", () => void stop("the supervisor is gone"));
  const parent = process.ppid;
  setInterval(() => {
    if (process.ppid !== parent) void stop("the parent is gone");
  }, PARENT_LOOK_MS).unref();
}
