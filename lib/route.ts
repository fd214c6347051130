import type { ZodType, z } from "zod";
import { AppError, errorResponse, fail, toAppError } from "./errors";
import { idempotencyKeyOf, once } from "./idempotency";
import { log } from "./log";
import { FOR_CUSTOMERS, type Permission, type StaffPermission } from "./permissions";
import { addressOf, setQuotaHeaders, takeToken } from "./rate-limit";
import { readBytes, readJson } from "./request-body";
import { requestIdOf } from "./request-ids";
import { type Admitted, admitCall } from "./request-limits";
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
  /** Requests a minute of one caller to this route alone; unless told, 600 to all routes without a limit of their own. */
  perMinute?: number;
  /** Of models: counted for the whole organisation and the key, in requests and tokens; the platform's probes are outside. */
  isInference?: boolean;
  /** Whether a call with an `Idempotency-Key` that comes again is answered with what it was answered with before. */
  isIdempotent?: boolean;
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

let limited = 0;

export function route<
  A extends Auth,
  P extends ZodType | undefined = undefined,
  Q extends ZodType | undefined = undefined,
  B extends ZodType | undefined = undefined,
>(options: Options<A, P, Q, B>, handler: (input: Input<A, P, Q, B>) => Promise<unknown>) {
  // A rare route would else be closed to whoever was busy elsewhere.
  const ownCount = options.perMinute === undefined ? "" : `:${++limited}`;
  const handle = async (
    request: Request,
    context?: { params: Promise<Record<string, unknown>> },
  ): Promise<Response> => {
    const requestId = requestIdOf(request);
    let admitted: Partial<Admitted> = {};
    try {
      const { quotas, release, ...caller } = await authenticate(request, options, ownCount);
      admitted = { quotas, release };
      const url = new URL(request.url);
      const params = parse(options.params, decodeParams((await context?.params) ?? {}), "not_found");
      const query = parse(options.query, Object.fromEntries(url.searchParams), "invalid_request");
      const work = async (request: Request) => {
        const body = options.body
          ? parse(options.body, await readJson(request, options.bodyBytes), "invalid_request")
          : undefined;
        const input = { ...caller, request, requestId, params, query, body } as Input<A, P, Q, B>;
        return answer(await handler(input), options.response);
      };
      const response = await (options.isIdempotent
        ? answerOnce(caller.actor, request, options, work)
        : work(request));
      response.headers.set("x-request-id", requestId);
      setQuotaHeaders(response.headers, quotas);
      return request.method === "HEAD" ? headOf(response) : response;
    } catch (error) {
      const [known, foreseen] = toAppError(error);
      if (!foreseen)
        log().error({ requestId, path: new URL(request.url).pathname, error }, "unforeseen error");
      const response = (options.refusal ?? errorResponse)(known, requestId);
      setQuotaHeaders(response.headers, known.options.quotas ?? admitted.quotas);
      return response;
    } finally {
      admitted.release?.();
    }
  };
  // A test walks every route file and accepts only methods that carry this mark.
  return Object.assign(handle, { isGraftRoute: true as const, options });
}

/** Next and Hono ask GET's handler for HEAD, and nobody would read its body to the end. */
async function headOf(response: Response): Promise<Response> {
  await response.body?.cancel();
  return new Response(null, response);
}

/** What asks with a key is read whole, so that it can be told from another question under the same key. */
async function answerOnce(
  actor: Actor | undefined,
  request: Request,
  { bodyBytes }: { bodyBytes?: number },
  work: (request: Request) => Promise<Response>,
): Promise<Response> {
  const key = actor && idempotencyKeyOf(request);
  if (!actor || key === undefined) return work(request);
  const body = await readBytes(request, bodyBytes);
  const { method, headers, signal } = request;
  const again = new Request(request.url, { method, headers, signal, body: new Uint8Array(body) });
  return once(actor, request, key, body, () => work(again));
}

type Counted = Partial<Admitted> & { actor?: Actor; person?: Person };
async function authenticate(
  request: Request,
  options: { auth: Auth; permission?: string; perMinute?: number; isInference?: boolean },
  ownCount: string,
): Promise<Counted> {
  const limit = options.perMinute ?? 600;
  if (options.auth === "tenant") {
    const actor = await actorOf(request);
    if (options.permission && !actor.permissions.has(options.permission as Permission))
      fail(isKeptForCustomers(actor, options.permission) ? "contract_needed" : "permission_denied");
    if (!options.isInference)
      return {
        actor,
        quotas: { requests: takeToken(`${actor.keyId ?? actor.userId}:${actor.tenantId}${ownCount}`, limit) },
      };
    return actor.isInternal ? { actor } : { actor, ...(await admitCall(actor)) };
  }
  if (options.auth === "public") {
    takeToken(`public:${addressOf(request.headers)}:${new URL(request.url).pathname}`, limit);
    return {};
  }
  const person = await personOf(request);
  if (!person) throw new AppError("unauthenticated");
  takeToken(`${person.userId}${ownCount}`, limit);
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

function answer(result: unknown, schema: ZodType | undefined): Response {
  if (result instanceof Response) return result;
  const body = schema ? schema.parse(result) : result;
  return new Response(JSON.stringify(body ?? {}), { headers: { "content-type": "application/json" } });
}
