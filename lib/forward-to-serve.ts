import { once } from "node:events";
import { Agent as HttpAgent, type IncomingMessage, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import { Readable } from "node:stream";
import { buffer } from "node:stream/consumers";
import { pipeline } from "node:stream/promises";
import type { ReadableStream as WebStream } from "node:stream/web";
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
/** They belong to one connection, or are said anew with the answer. */
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

/** An answer up to here is handed on in one piece. */
const WHOLE_BYTES = 1_000_000;

function headersOf(request: Request, id: string, body: Buffer | null): Record<string, string> {
  const headers: Record<string, string> = { [REQUEST_ID_HEADER]: id };
  for (const [name, value] of request.headers)
    if (FORWARDED.includes(name) || name.startsWith("x-stainless-")) headers[name] = value;
  if (body) headers["content-length"] = String(body.byteLength);
  return headers;
}

/** Connections to serve that stay open. */
const agents = { http: new HttpAgent({ keepAlive: true }), https: new HttpsAgent({ keepAlive: true }) };

let targets: ServeTargets | undefined;
const targetsOf = () => {
  targets ??= createServeTargets(env().serveUrls);
  return targets;
};

/** JSON is small and can be sent again to another process; a file streams to one. */
async function replayable(request: Request): Promise<Buffer | null> {
  const isJson = request.headers.get("content-type")?.startsWith("application/json") ?? false;
  return request.body && isJson ? readBytes(request, MAX_BODY_BYTES) : null;
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
    const found = await send(request, address, headersOf(request, id, body), body);
    const headers = new Headers();
    for (const [name, value] of Object.entries(found.headers))
      if (!NOT_RETURNED.includes(name)) headers.set(name, String(value));
    // Compressing figures costs more than it saves.
    headers.set("cache-control", "no-store, no-transform");
    return new Response(await contentOf(found), { status: found.statusCode ?? 502, headers });
  } catch {
    // Who asked may have gone; that says nothing of serve.
    if (!request.signal.aborted) targetsOf().lost(target);
    return null;
  } finally {
    done();
  }
}

/** Node's own client: `fetch` makes streams of both bodies and remembers what Next asks of it, 3 ms a call. */
async function send(
  request: Request,
  address: URL,
  headers: Record<string, string>,
  body: Buffer | null,
): Promise<IncomingMessage> {
  const { method, signal } = request;
  const options = { method, headers, signal };
  const sent =
    address.protocol === "https:"
      ? requestHttps(address, { ...options, agent: agents.https })
      : requestHttp(address, { ...options, agent: agents.http });
  const answer = once(sent, "response") as Promise<[IncomingMessage]>;
  if (body || !request.body) sent.end(body ?? undefined);
  // What breaks the stream breaks the answer, which says so.
  else void pipeline(Readable.fromWeb(request.body as WebStream), sent).catch(() => {});
  try {
    return (await answer)[0];
  } catch (error) {
    // Serve closed a connection that had been idle for long, just when it was used again.
    const isStale = sent.reusedSocket && (error as NodeJS.ErrnoException).code === "ECONNRESET";
    if (isStale && (body || !request.body)) return send(request, address, headers, body);
    throw error;
  }
}

/** In one piece where it is small; else, and where serve writes bit by bit, as it comes. */
async function contentOf(answer: IncomingMessage): Promise<BodyInit | null> {
  const length = Number(answer.headers["content-length"] ?? Number.NaN);
  if (length === 0 || answer.statusCode === 204) {
    answer.resume();
    return null;
  }
  if (length <= WHOLE_BYTES) return new Uint8Array(await buffer(answer));
  return Readable.toWeb(answer) as ReadableStream<Uint8Array>;
}

/** The route test accepts this beside `route()`. */
export const forwardToServe = Object.assign(forward, { isGraftRoute: true as const });
