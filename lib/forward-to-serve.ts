import { BATCH_HEADER } from "./ask-model";
import { env } from "./env";
import { AppError, errorResponse, plainErrorResponse } from "./errors";
import { createId } from "./id";

/**
 * Next's inference routes: the request streams to serve and serve's answer streams back. Authentication,
 * limits, computing and metering are there, not here.
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

function headersOf(request: Request): Headers {
  const headers = new Headers();
  for (const [name, value] of request.headers)
    if (FORWARDED.includes(name) || name.startsWith("x-stainless-")) headers.set(name, value);
  // Nothing between two processes of one machine is worth compressing.
  headers.set("accept-encoding", "identity");
  return headers;
}

async function forward(request: Request): Promise<Response> {
  const { pathname, search } = new URL(request.url);
  try {
    const response = await fetch(new URL(pathname + search, env().serveUrl), {
      method: request.method,
      headers: headersOf(request),
      body: request.body,
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
    const away = new AppError("serving_unavailable", { retryAfterMs: 1000 });
    const refusal = pathname.startsWith("/v1/") ? errorResponse : plainErrorResponse;
    return refusal(away, createId("request"));
  }
}

/** The route test accepts this beside `route()`. */
export const forwardToServe = Object.assign(forward, { isGraftRoute: true as const });
