import { Hono } from "hono";
import type { RouteOptions } from "./api/document";
import { createChatCompletion } from "./chat-completions";
import { createClassification } from "./classify";
import { createEmbeddings } from "./embeddings";
import { AppError, errorResponse, plainErrorResponse } from "./errors";
import { createHfInference } from "./hf-inference";
import { createId } from "./id";
import { createInfer, createModelMetadata, createModelReady, serverMetadata } from "./kserve";
import { DEFAULT_BASE } from "./ml/catalogue";
import { createModelExport } from "./model-export";
import { createPredictionFile } from "./prediction-files";
import { createPrediction } from "./predictions";
import { pingDatabase } from "./readiness";
import type { ServeMetrics } from "./serve-metrics";
import type { Serving } from "./serving";

type Handler = ((
  request: Request,
  context: { params: Promise<Record<string, string>> },
) => Promise<Response>) & { options: RouteOptions };
interface Served {
  method: "GET" | "POST";
  /** One for all that answer alike; `:name` is a segment, as it stands in the address: `route` decodes it. */
  paths: string[];
  handle: Handler;
}

const inference = (serving: Serving): Served[] => [
  { method: "POST", paths: ["/v1/predictions"], handle: createPrediction(serving) },
  { method: "POST", paths: ["/v1/predictions/file"], handle: createPredictionFile(serving) },
  { method: "POST", paths: ["/v1/chat/completions"], handle: createChatCompletion(serving) },
  { method: "POST", paths: ["/v1/embeddings"], handle: createEmbeddings(serving) },
  { method: "POST", paths: ["/v1/classify"], handle: createClassification(serving) },
  { method: "GET", paths: ["/v1/models/:model/export"], handle: createModelExport(serving) },
  {
    method: "POST",
    paths: ["/hf/models/:model", "/hf/models/:model/pipeline/:pipeline"],
    handle: createHfInference(serving),
  },
  { method: "POST", paths: withVersion("/infer"), handle: createInfer(serving) },
  { method: "GET", paths: withVersion(""), handle: createModelMetadata() },
  { method: "GET", paths: withVersion("/ready"), handle: createModelReady() },
];
const withVersion = (end: string) => [`/v2/models/:model${end}`, `/v2/models/:model/versions/:version${end}`];

/** As the API's document writes a path. */
const documented = (path: string) => path.replaceAll(/:(\w+)/g, "{$1}");

/** For the API's document: nothing is served by it. */
export const inferenceRoutes = () =>
  inference({} as Serving).flatMap(({ method, paths, handle }) =>
    paths.map((path) => ({ method, path: documented(path), options: handle.options })),
  );

/** The error that a path's clients read. */
const refusalOf = (path: string) => (path.startsWith("/v1/") ? errorResponse : plainErrorResponse);

/** The inference routes on a port of their own: what Next streams to, and what a load balancer may reach. */
export function createServeApp(serving: Serving, metrics: ServeMetrics, isStopping: () => boolean): Hono {
  const app = new Hono();
  /** A label a pattern: one for every path that somebody tries would grow without end. */
  const measured =
    (label: string, handle: (request: Request) => Promise<Response> | Response) =>
    async ({ req }: { req: { raw: Request } }) => {
      const started = performance.now();
      const response = await handle(req.raw);
      metrics.request(label, response.status, (performance.now() - started) / 1000);
      return response;
    };
  for (const { method, paths, handle } of inference(serving))
    for (const path of paths) {
      const label = documented(path);
      app.on(
        method,
        path,
        measured(label, (request) => handle(request, { params: paramsOf(path, request) })),
      );
      const refuse = () => refusalOf(path)(new AppError("method_not_allowed"), createId("request"));
      app.all(path, measured(label, refuse));
    }

  const readiness = async () => {
    const hasDatabase = await pingDatabase();
    const base = serving.bases.state(DEFAULT_BASE);
    const missing = [
      ...(hasDatabase ? [] : ["database"]),
      // Without a base the lexical models still answer; one that is being opened answers in a moment.
      ...(base === "ready" || base === "absent" ? [] : ["base"]),
      ...(isStopping() ? ["serving"] : []),
    ];
    return { ready: missing.length === 0, missing, base, spool: serving.spool.pending() };
  };
  const json = (body: object, status = 200) => Response.json(body, { status });
  app.get(
    "/healthz",
    measured("/healthz", () => json({ status: "ok" })),
  );
  app.get(
    "/ready",
    measured("/ready", async () => {
      const body = await readiness();
      return json(body, body.ready ? 200 : 503);
    }),
  );
  app.get(
    "/v2",
    measured("/v2", () => json(serverMetadata)),
  );
  app.get(
    "/v2/health/live",
    measured("/v2/health/live", () => json({ live: true })),
  );
  app.get(
    "/v2/health/ready",
    measured("/v2/health/ready", async () => {
      const { ready } = await readiness();
      // A load balancer reads the status; Triton's client asks for 200 or anything else.
      return json({ ready, live: true }, ready ? 200 : 503);
    }),
  );
  app.notFound(({ req }) => refusalOf(req.path)(new AppError("not_found"), createId("request")));
  return app;
}

async function paramsOf(pattern: string, request: Request): Promise<Record<string, string>> {
  const segments = new URL(request.url).pathname.split("/");
  return Object.fromEntries(
    pattern
      .split("/")
      .flatMap((part, n) => (part.startsWith(":") ? [[part.slice(1), segments[n] ?? ""]] : [])),
  );
}
