import { env } from "./env";
import { AppError, isErrorCode } from "./errors";
import { createProbeKey } from "./keys";

const CALL_MS = 120_000;

/** Answers of a model for the platform itself, through everybody's door, free: in the order of `input`. */
export async function askModel(
  tenantId: string,
  model: string,
  input: readonly unknown[],
  signal?: AbortSignal,
): Promise<unknown[]> {
  const response = await fetch(new URL("/v1/predictions", env().publicUrl), {
    method: "POST",
    headers: {
      authorization: `Bearer ${await createProbeKey(tenantId)}`,
      "content-type": "application/json",
    },
    body: JSON.stringify({ model, input, top_k: 1 }),
    signal: AbortSignal.any([AbortSignal.timeout(CALL_MS), ...(signal ? [signal] : [])]),
  });
  if (response.ok) return ((await response.json()) as { data: unknown[] }).data;
  const body = (await response.json().catch(() => null)) as {
    error?: { code?: string; message?: string };
  } | null;
  const { code, message } = body?.error ?? {};
  if (code !== undefined && isErrorCode(code)) throw new AppError(code, { message, param: "model" });
  throw new Error(`the public route answered ${response.status}`);
}
