import type { ZodType, z } from "zod";
import { AppError, errorResponse, fail, type Quota, toAppError } from "./errors";
import { createId } from "./id";
import { log } from "./log";
import { FOR_CUSTOMERS, type Permission, type StaffPermission } from "./permissions";
import { addressOf, setQuotaHeaders, takeToken } from "./rate-limit";
import { type Actor, actorOf, type Person, personOf, staffMay } from "./session";

/**
 * The one wrapper of every route: request id, body limit, authenticate, rate limit, authorise, parse, run,
 * map errors. `auth` says who may knock: `tenant` (bearer key, or session plus `graft-tenant` header), `person`
 * (any signed-in person), `staff`, or `public`.
 */
type Auth = "tenant" | "person" | "staff" | "public";
type Caller<A extends Auth> = A extends "tenant"
  ? { actor: Actor }
  : A extends "public"
    ? object
    : { person: Person };
type Parsed<S> = S extends ZodType ? z.infer<S> : undefined;

interface Options<A extends Auth, P, Q, B> {
  auth: A;
  permission?: A extends "staff" ? StaffPermission : Permission;
  params?: P;
  query?: Q;
  /** JSON only; a route that streams its body leaves this out and reads `request`. */
  body?: B;
  response?: ZodType;
  /** Requests a minute for one caller; 600 unless told. */
  perMinute?: number;
  /** `tenant`: all callers of a tenant share one quota, its own if it has one; the platform's probes are outside. */
  quotaOf?: "caller" | "tenant";
  /** How a refusal is written; as OpenAI's clients read it unless told. */
  refusal?: typeof errorResponse;
  /** Most bytes of a JSON body; a million unless told. */
  bodyBytes?: number;
}
type Input<A extends Auth, P, Q, B> = Caller<A> & {
  request: Request;
  requestId: string;
  params: Parsed<P>;
  query: Parsed<Q>;
  body: Parsed<B>;
};

const MAX_JSON_BYTES = 1_000_000;

export function route<
  A extends Auth,
  P extends ZodType | undefined = undefined,
  Q extends ZodType | undefined = undefined,
  B extends ZodType | undefined = undefined,
>(options: Options<A, P, Q, B>, handler: (input: Input<A, P, Q, B>) => Promise<unknown>) {
  const handle = async (
    request: Request,
    context?: { params: Promise<Record<string, unknown>> },
  ): Promise<Response> => {
    const requestId = createId("request");
    let quota: Quota | undefined;
    try {
      const { quota: left, ...caller } = await authenticate(request, options);
      quota = left;
      const url = new URL(request.url);
      const input = {
        ...caller,
        request,
        requestId,
        params: parse(options.params, decodeParams((await context?.params) ?? {}), "not_found"),
        query: parse(options.query, Object.fromEntries(url.searchParams), "invalid_request"),
        body: options.body
          ? parse(options.body, await readJson(request, options.bodyBytes), "invalid_request")
          : undefined,
      } as Input<A, P, Q, B>;
      const response = answer(await handler(input), requestId, options.response);
      setQuotaHeaders(response.headers, quota);
      return response;
    } catch (error) {
      const [known, foreseen] = toAppError(error);
      if (!foreseen)
        log().error({ requestId, path: new URL(request.url).pathname, error }, "unforeseen error");
      const response = (options.refusal ?? errorResponse)(known, requestId);
      setQuotaHeaders(response.headers, known.options.quota ?? quota);
      return response;
    }
  };
  // A test walks every route file and accepts only methods that carry this mark.
  return Object.assign(handle, { isGraftRoute: true as const, options });
}

async function authenticate(
  request: Request,
  options: { auth: Auth; permission?: string; perMinute?: number; quotaOf?: "caller" | "tenant" },
): Promise<{ actor?: Actor; person?: Person; quota?: Quota }> {
  const limit = options.perMinute ?? 600;
  if (options.auth === "tenant") {
    const actor = await actorOf(request);
    const quota =
      options.quotaOf !== "tenant"
        ? takeToken(`${actor.keyId ?? actor.userId}:${actor.tenantId}`, limit)
        : actor.isInternal
          ? undefined
          : takeToken(actor.tenantId, actor.settings.requestsPerMinute ?? limit);
    if (options.permission && !actor.permissions.has(options.permission as Permission))
      fail(isKeptForCustomers(actor, options.permission) ? "contract_needed" : "permission_denied");
    return { actor, quota };
  }
  if (options.auth === "public") {
    takeToken(`public:${addressOf(request.headers)}:${new URL(request.url).pathname}`, limit);
    return {};
  }
  const person = await personOf(request);
  if (!person) throw new AppError("unauthenticated");
  takeToken(person.userId, limit);
  // Staff pages do not exist for others: the same answer as for a path that never was.
  if (options.auth === "staff" && person.staffRole === null) fail("not_found");
  if (
    options.auth === "staff" &&
    options.permission &&
    !staffMay(person, options.permission as StaffPermission)
  )
    fail("permission_denied");
  return { person };
}

const isKeptForCustomers = ({ state }: Actor, permission: string) =>
  state === "prospect" && (FOR_CUSTOMERS as readonly string[]).includes(permission);

function decodeParams(params: Record<string, unknown>): Record<string, unknown> {
  const decode = (value: unknown) => {
    try {
      return typeof value === "string" ? decodeURIComponent(value) : value;
    } catch {
      return value;
    }
  };
  return Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decode(value)]));
}

function parse(schema: ZodType | undefined, value: unknown, code: "invalid_request" | "not_found"): unknown {
  if (!schema) return undefined;
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  if (code === "not_found") fail("not_found");
  const issue = result.error.issues[0];
  const param = issue?.path.join(".") || null;
  fail(
    code,
    param ? `\`${param}\`: ${issue?.message}.` : `The request is not valid: ${issue?.message}.`,
    param,
  );
}

/** A refusal arrives only when the sender's bytes were taken: a connection closed before that is reset. */
const DRAINED_BYTES = 64_000_000;

/** Reads at most `limit` bytes, whatever the content-length header claims; more is read and dropped. */
export async function readBytes(request: Request, limit: number): Promise<Buffer> {
  if (Number(request.headers.get("content-length") ?? 0) > limit + DRAINED_BYTES) fail("body_too_large");
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limit + DRAINED_BYTES) fail("body_too_large");
    if (size <= limit) chunks.push(chunk);
  }
  if (size > limit) fail("body_too_large");
  return Buffer.concat(chunks);
}

export const readJson = async (request: Request, limit = MAX_JSON_BYTES): Promise<unknown> =>
  jsonOf(await readBytes(request, limit));

/** Nothing at all is an empty object. */
export function jsonOf(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return text.trim() === "" ? {} : JSON.parse(text);
  } catch {
    return fail("json_invalid");
  }
}

function answer(result: unknown, requestId: string, schema: ZodType | undefined): Response {
  if (result instanceof Response) {
    result.headers.set("x-request-id", requestId);
    return result;
  }
  const body = schema ? schema.parse(result) : result;
  return new Response(JSON.stringify(body ?? {}), {
    headers: { "content-type": "application/json", "x-request-id": requestId },
  });
}
