import { eventsAfter, eventToWire, topicOf } from "./job-events";
import { isFinal } from "./job-moves";
import { getJob, wireJob } from "./jobs";
import { onWakeup } from "./queue";
import type { Actor } from "./session";

/**
 * A job as server-sent events: `entry` for every row of `job_events` (its id resumes the stream), `job` for
 * the job itself whenever it looks different. Ends when the job has; a reader that comes back to a finished
 * job with nothing new gets 204, which tells an `EventSource` to stop.
 */
const LOOK_MS = 1000;
const KEEP_ALIVE_MS = 15_000;
/** The browser reconnects by itself, and is then authorised afresh: revoking counts within minutes. */
const LONGEST_MS = 5 * 60_000;

const frame = (event: string, data: unknown, id?: number) =>
  `${id === undefined ? "" : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;

export async function liveJob(actor: Actor, id: string, request: Request): Promise<Response> {
  const first = await getJob(actor.tenantId, id);
  const after = Number(request.headers.get("last-event-id") ?? "");
  const seen = Number.isSafeInteger(after) && after > 0 ? after : 0;
  if (seen > 0 && isFinal(first.state) && (await eventsAfter(actor.tenantId, id, seen)).length === 0)
    return new Response(null, { status: 204 });
  return new Response(stream(actor, id, seen, request.signal), {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      // Without `no-transform` a compressing proxy would hold the events back.
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
}

function stream(actor: Actor, id: string, seen: number, signal: AbortSignal): ReadableStream {
  const encoder = new TextEncoder();
  const gone = new AbortController();
  return new ReadableStream({
    async start(controller) {
      const send = (text: string) => {
        if (!gone.signal.aborted) controller.enqueue(encoder.encode(text));
      };
      signal.addEventListener("abort", () => gone.abort(), { once: true });
      try {
        await follow(actor, id, seen, send, gone.signal);
        controller.close();
      } catch (error) {
        if (!gone.signal.aborted) controller.error(error);
      }
    },
    cancel: () => gone.abort(),
  });
}

async function follow(
  actor: Actor,
  id: string,
  seen: number,
  send: (text: string) => void,
  gone: AbortSignal,
): Promise<void> {
  const bell = createBell(gone);
  const silence = await onWakeup(topicOf(id), bell.ring);
  const startedAt = Date.now();
  let last = seen;
  let shown = "";
  let sentAt = Date.now();
  try {
    send("retry: 1000\n\n");
    while (!gone.aborted && Date.now() - startedAt < LONGEST_MS) {
      // The job first: what it says is then never ahead of a final event that is not sent yet.
      const job = await getJob(actor.tenantId, id);
      for (const event of await eventsAfter(actor.tenantId, id, last)) {
        send(frame("entry", eventToWire(event), event.seq));
        last = event.seq;
        sentAt = Date.now();
      }
      const data = await wireJob(actor, job);
      const text = JSON.stringify(data);
      if (text !== shown) send(frame("job", data));
      if (text !== shown) sentAt = Date.now();
      shown = text;
      if (isFinal(job.state)) return;
      if (Date.now() - sentAt > KEEP_ALIVE_MS) {
        send(": still here\n\n");
        sentAt = Date.now();
      }
      await bell.wait(LOOK_MS);
    }
  } finally {
    await silence();
  }
}

/** Waits for a wake-up, a time, or the reader's going away. A ring while nobody waits is kept. */
function createBell(gone: AbortSignal) {
  let hasRung = false;
  let wake: (() => void) | undefined;
  const ring = () => {
    hasRung = true;
    wake?.();
  };
  gone.addEventListener("abort", ring, { once: true });
  return {
    ring,
    async wait(ms: number): Promise<void> {
      if (!hasRung) {
        let timer: NodeJS.Timeout | undefined;
        await new Promise<void>((resolve) => {
          wake = resolve;
          timer = setTimeout(resolve, ms);
        });
        clearTimeout(timer);
      }
      hasRung = false;
      wake = undefined;
    },
  };
}
