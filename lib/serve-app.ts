import { type Context, Hono } from "hono";
import { createChatCompletion } from "./chat-completions";
import { createEmbeddings } from "./embeddings";
import { AppError, errorResponse } from "./errors";
import { createId } from "./id";
import { DEFAULT_BASE } from "./ml/catalogue";
import { createModelExport } from "./model-export";
import { createPredictionFile } from "./prediction-files";
import { createPrediction } from "./predictions";
import { pingDatabase } from "./readiness";
import type { ServeMetrics } from "./serve-metrics";
import type { Serving } from "./serving";

/** The inference routes on a port of their own: what Next streams to, and what a load balancer may reach. */
export function createServeApp(serving: Serving, metrics: ServeMetrics, isStopping: () => boolean): Hono {
  const app = new Hono();
  app.use(async (context, next) => {
    const started = performance.now();
    await next();
    metrics.request(routeOf(context), context.res.status, (performance.now() - started) / 1000);
  });
  const routes = {
    "/v1/predictions": createPrediction(serving),
    "/v1/predictions/file": createPredictionFile(serving),
    "/v1/chat/completions": createChatCompletion(serving),
    "/v1/embeddings": createEmbeddings(serving),
  };
  for (const [path, handle] of Object.entries(routes)) {
    app.post(path, (context) => handle(context.req.raw));
    app.all(path, () => errorResponse(new AppError("method_not_allowed"), createId("request")));
  }
  const exportModel = createModelExport(serving);
  app.all("/v1/models/:model/export", ({ req }) => {
    if (req.method !== "GET") return errorResponse(new AppError("method_not_allowed"), createId("request"));
    // As it stands in the address: `route` decodes it, here as in Next.
    const model = new URL(req.url).pathname.split("/")[3] ?? "";
    return exportModel(req.raw, { params: Promise.resolve({ model }) });
  });
  app.get("/healthz", (context) => context.json({ status: "ok" }));
  app.get("/ready", async (context) => {
    const hasDatabase = await pingDatabase();
    const base = serving.bases.state(DEFAULT_BASE);
    const missing = [
      ...(hasDatabase ? [] : ["database"]),
      // Without a base the lexical models still answer; one that is being opened answers in a moment.
      ...(base === "ready" || base === "absent" ? [] : ["base"]),
      ...(isStopping() ? ["serving"] : []),
    ];
    const body = { ready: missing.length === 0, missing, base, spool: serving.spool.pending() };
    return context.json(body, body.ready ? 200 : 503);
  });
  app.notFound(() => errorResponse(new AppError("not_found"), createId("request")));
  return app;
}

/** One of few: a label for every path that somebody tries would grow without end. */
function routeOf(context: Context): string {
  const known = ["/healthz", "/ready"];
  const path = context.req.path.replace(/^\/v1\/models\/[^/]+/, "/v1/models/{model}");
  return path.startsWith("/v1/") && context.res.status !== 404 ? path : known.includes(path) ? path : "other";
}
