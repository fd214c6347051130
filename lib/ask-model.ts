import { setTimeout as pause } from "node:timers/promises";
import { env } from "./env";
import { AppError, isErrorCode } from "./errors";
import { createProbeKey } from "./keys";

/** The platform itself asks models through everybody's door, with a key of its own. */

const CALL_MS = 120_000;
/** Says that a call of ours is a part of a batch: whoever asks bills it, and it waits for who waits for an answer. */
export const BATCH_HEADER = "graft-batch";
const FIRST_WAIT_MS = 500;
const MOST_TRIES = 20;

export interface AskedRoute {
  status: number;
  body: unknown;
}

/** Asks one route, again and again where it is told to wait. */
export async function askRoute(
  key: string,
  path: string,
  body: unknown,
  { isBatch = false, signal }: { isBatch?: boolean; signal?: AbortSignal } = {},
): Promise<AskedRoute> {
  for (let tries = 1; ; tries++) {
    const response = await fetch(new URL(path, env().publicUrl), {
      method: "POST",
      headers: {
        authorization: `Bearer ${key}`,
        "content-type": "application/json",
        ...(isBatch ? { [BATCH_HEADER]: "1" } : {}),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.any([AbortSignal.timeout(CALL_MS), ...(signal ? [signal] : [])]),
    });
    const isAway = response.status === 429 || response.status >= 500;
    if (!isBatch || !isAway || tries >= MOST_TRIES)
      return { status: response.status, body: await response.json().catch(() => null) };
    await response.body?.cancel();
    const told = Number(response.headers.get("retry-after-ms") ?? FIRST_WAIT_MS);
    await pause(Math.max(told, FIRST_WAIT_MS) * Math.min(tries, 4), undefined, { signal });
  }
}

/** Answers of a model, free: in the order of `input`. */
export async function askModel(
  tenantId: string,
  model: string,
  input: readonly unknown[],
  { strength, signal }: { strength?: number | undefined; signal?: AbortSignal } = {},
): Promise<unknown[]> {
  const key = await createProbeKey(tenantId);
  const asked = await askRoute(
    key,
    "/v1/predictions",
    { model, input, top_k: 1, strength },
    signal ? { signal } : {},
  );
  if (asked.status === 200) return (asked.body as { data: unknown[] }).data;
  const { code, message } =
    (asked.body as { error?: { code?: string; message?: string } } | null)?.error ?? {};
  if (code !== undefined && message !== undefined && isErrorCode(code))
    throw new AppError(code, { message, param: "model" });
  throw new Error(`the public route answered ${asked.status}`);
}
