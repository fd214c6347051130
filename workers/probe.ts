import { createReadStream } from "node:fs";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { env } from "@/lib/env";
import { createProbeKey } from "@/lib/keys";
import { type ModelReport, usualRow } from "@/lib/ml/contract";
import type { Task } from "@/lib/ml/task";
import { taskOf } from "@/lib/tasks";

/** A model that does not answer as customers will ask it. */
export class ProbeError extends Error {
  override readonly name = "ProbeError";
}

const DEADLINE_MS = 60_000;
const TRY_MS = 20_000;
/** Asking again cannot help. */
const PERMANENT = [400, 401, 403, 405, 422];

async function firstInput(rowsPath: string): Promise<unknown> {
  const lines = createInterface({ input: createReadStream(rowsPath) });
  for await (const line of lines) {
    lines.close();
    return (JSON.parse(line) as { input: unknown }).input;
  }
  throw new ProbeError("the dataset has no rows");
}

/** Asks the new model one of its own rows, or what is usual in its columns, through everybody's door until it answers. */
export async function probeModel(
  tenantId: string,
  model: string,
  rowsPath: string,
  { task: taskId, columns }: Pick<ModelReport, "task" | "columns">,
  signal: AbortSignal,
): Promise<void> {
  const task = taskOf(taskId);
  const input = columns ? usualRow(columns) : await firstInput(rowsPath);
  const key = await createProbeKey(tenantId);
  const end = Date.now() + DEADLINE_MS;
  for (let waitMs = 250; ; waitMs = Math.min(waitMs * 2, 4000)) {
    const problem = await ask(key, { model, input: [input] }, task, signal);
    if (problem === null) return;
    signal.throwIfAborted();
    if (Date.now() + waitMs > end) throw new ProbeError(problem);
    await pause(waitMs, undefined, { signal });
  }
}

/** Null when the answer is right; otherwise why it is not. Throws when asking again is no use. */
async function ask(
  key: string,
  body: { model: string; input: unknown[] },
  task: Task,
  signal: AbortSignal,
): Promise<string | null> {
  let response: Response;
  try {
    response = await fetch(new URL("/v1/predictions", env().publicUrl), {
      method: "POST",
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      body: JSON.stringify(body),
      signal: AbortSignal.any([signal, AbortSignal.timeout(TRY_MS)]),
    });
  } catch (error) {
    return `the public route is not reachable: ${(error as Error).message}`;
  }
  const text = await response.text().catch(() => "");
  if (PERMANENT.includes(response.status))
    throw new ProbeError(`the public route answered ${response.status}: ${text.slice(0, 300)}`);
  if (!response.ok) return `the public route answered ${response.status}`;
  if (!task.output.safeParse(firstOf(text)).success)
    throw new ProbeError(`the answer is none of the task ${task.id}`);
  return null;
}

function firstOf(text: string): unknown {
  try {
    return (JSON.parse(text) as { data?: unknown[] }).data?.[0];
  } catch {
    return undefined;
  }
}
