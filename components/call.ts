"use client";

/** A refusal of our own routes, with the code that a page can react to. */
export class ApiError extends Error {
  override readonly name = "ApiError";
  constructor(
    /** 0 when no answer came at all. */
    readonly status: number,
    readonly code: string,
    message: string,
    readonly param: string | null,
  ) {
    super(message);
  }
}

interface CallOptions {
  method?: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** Plain data travels as JSON; a form or bytes travel as they are. */
  body?: unknown;
  /** The organisation's slug, for routes that belong to one. */
  tenant?: string;
  headers?: Record<string, string>;
  signal?: AbortSignal;
}

/** Asks one of our routes; throws `ApiError` for every answer that is not a success. */
export async function call<T>(path: string, options: CallOptions = {}): Promise<T> {
  const { body, tenant, signal } = options;
  const isRaw = body instanceof FormData || body instanceof Blob;
  const headers = new Headers(options.headers);
  if (tenant !== undefined) headers.set("graft-tenant", tenant);
  if (body !== undefined && !isRaw) headers.set("content-type", "application/json");
  let response: Response;
  try {
    response = await fetch(path, {
      method: options.method ?? (body === undefined ? "GET" : "POST"),
      headers,
      body: body === undefined ? undefined : isRaw ? body : JSON.stringify(body),
      credentials: "same-origin",
      signal,
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new ApiError(0, "network", "The server did not answer. Check your connection and try again.", null);
  }
  const answer: unknown = await response.json().catch(() => null);
  if (response.ok) return answer as T;
  throw errorOf(response.status, answer);
}

function errorOf(status: number, answer: unknown): ApiError {
  const inner =
    typeof answer === "object" && answer !== null && "error" in answer
      ? (answer.error as { code?: unknown; message?: unknown; param?: unknown } | null)
      : null;
  return new ApiError(
    status,
    typeof inner?.code === "string" ? inner.code : "unknown",
    typeof inner?.message === "string" ? inner.message : `The server answered with status ${status}.`,
    typeof inner?.param === "string" ? inner.param : null,
  );
}
