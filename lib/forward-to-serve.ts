import { BATCH_HEADER } from "./ask-model";
import { env } from "./env";
import { AppError, errorResponse, plainErrorResponse } from "./errors";
import { createId } from "./id";
import { MAX_BODY_BYTES } from "./prediction-wire";
import { readBytes } from "./request-body";
import { REQUEST_ID_HEADER, signedRequestId } from "./request-ids";
import { createServeTargets, modelNamed, type ServeTargets } from "./serve-targets";

/**
 * Next's inference routes: the request streams to serve and serve's answer streams back. Authentication,
 * limits, computing and metering are there, not here. Of several serving processes each model has one.
 */
const FORWARDED = [
  "accept",
  "authorization",
  "content-type",
  "cookie",
  "origin",
  "graft-tenant",
  "idempotency-key",
  "inference-header-content-length",
  BATCH_HEADER,
  "user-agent",
  "x-forwarded-for",
];
/** They belong to one connection, or describe bytes that fetch has already decoded. */
const NOT_RETURNED = [
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
  "content-encoding",
  "content-length",
];

function headersOf(request: Request, id: string): Headers {
  const headers = new Headers({ [REQUEST_ID_HEADER]: id });
  for (const [name, value] of request.headers)
    if (FORWARDED.includes(name) || name.startsWith("x-stainless-")) headers.set(name, value);
  // Nothing between two processes of one machine is worth compressing.
  headers.set("accept-encoding", "identity");
  return headers;
}

let targets: ServeTargets | undefined;
const targetsOf = () => {
  targets ??= createServeTargets(env().serveUrls);
  return targets;
};

/** What can be sent again to another process: JSON is small, a file streams to one. */
async function replayable(request: Request): Promise<Buffer | null> {
  const isJson = request.headers.get("content-type")?.startsWith("application/json") ?? false;
  if (env().serveUrls.length === 1 || !request.body || !isJson) return null;
  return readBytes(request, MAX_BODY_BYTES);
}

async function forward(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  const refuse = (error: AppError) =>
    (pathname.startsWith("/v1/") ? errorResponse : plainErrorResponse)(error, createId("request"));
  try {
    const body = await replayable(request);
    const order = targetsOf().order(modelNamed(pathname, body));
    // A stream can be read once.
    const tried = request.body && !body ? order.slice(0, 1) : order;
    const id = signedRequestId();
    for (const url of tried) {
      const response = await ask(request, new URL(pathname + search, url), { target: url, body, id });
      if (response) return response;
      request.signal.throwIfAborted();
    }
  } catch (error) {
    if (error instanceof AppError) return refuse(error);
  }
  return refuse(new AppError("serving_unavailable", { retryAfterMs: 1000 }));
}

/** Null where no connection was to be had. */
async function ask(
  request: Request,
  address: URL,
  { target, body, id }: { target: string; body: Buffer | null; id: string },
): Promise<Response | null> {
  const done = targetsOf().begin(target);
  try {
    const response = await fetch(address, {
      method: request.method,
      headers: headersOf(request, id),
      body: body ? new Uint8Array(body) : request.body,
      signal: request.signal,
      redirect: "manual",
      cache: "no-store",
      // A body that is a stream needs this; TypeScript's DOM types do not know it.
      ...({ duplex: "half" } as object),
    });
    const headers = new Headers(response.headers);
    for (const name of NOT_RETURNED) headers.delete(name);
    return new Response(response.body, { status: response.status, headers });
  } catch {
    targetsOf().lost(target);
    return null;
  } finally {
    done();
  }
}

/** The route test accepts this beside `route()`. */
export const forwardToServe = Object.assign(forward, { isGraftRoute: true as const });
