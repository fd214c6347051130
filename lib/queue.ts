import * as redisClasses from "bullmq";
import { createPostgresBackend, createPostgresRelayBackend, Relay, withBackend } from "bullmq";
import { Redis } from "ioredis";
import pg from "pg";
import { z } from "zod";
import { env } from "./env";
import { log } from "./log";

/**
 * Every message of the product, declared once. A message is a pointer: the row is the truth, so a message
 * that is lost, doubled or late does no harm. Payloads are parsed when sent and when received.
 */
const pointer = z.object({ tenantId: z.string(), id: z.string() });
const train = pointer.extend({ attempt: z.number().int() });
export const CATALOGUE = {
  "file.check": { queue: "checks", schema: pointer, attempts: 3, backoffMs: 1000, timeoutMs: 20 * 60_000 },
  "dataset.build": { queue: "checks", schema: pointer, attempts: 3, backoffMs: 1000, timeoutMs: 20 * 60_000 },
  "model.train": { queue: "training", schema: train, attempts: 1, backoffMs: 0, timeoutMs: 24 * 3600_000 },
  "labelling.rank": {
    queue: "labelling",
    schema: pointer,
    attempts: 3,
    backoffMs: 1000,
    timeoutMs: 30 * 60_000,
  },
  "acceptance.measure": {
    queue: "acceptance",
    schema: pointer,
    attempts: 3,
    backoffMs: 2000,
    timeoutMs: 60 * 60_000,
  },
  "dataset.appraise": {
    queue: "appraisals",
    schema: pointer,
    attempts: 3,
    backoffMs: 1000,
    timeoutMs: 30 * 60_000,
  },
  "mail.send": {
    queue: "mail",
    schema: z.object({ id: z.string() }),
    attempts: 5,
    backoffMs: 5000,
    timeoutMs: 60_000,
  },
} as const;
export type MessageName = keyof typeof CATALOGUE;
export type Payload<N extends MessageName> = z.infer<(typeof CATALOGUE)[N]["schema"]>;
export type QueueName = (typeof CATALOGUE)[MessageName]["queue"];

let pool: pg.Pool | undefined;
let redis: Redis | undefined;
const queues = new Map<QueueName, { add: AddJob; close(): Promise<void> }>();
type AddJob = (name: string, data: unknown, options: Record<string, unknown>) => Promise<unknown>;

/** Every queue, worker and subscription listens for errors of the one connection. */
const LISTENERS = 50;

/** One pool a process for everything of BullMQ, on the direct address: it keeps a LISTEN client. */
function connection() {
  const url = env().REDIS_URL;
  if (url) {
    if (!redis) {
      // Null is what BullMQ's blocking commands ask for.
      redis = new Redis(url, { maxRetriesPerRequest: null });
      redis.setMaxListeners(LISTENERS);
      redis.on("error", () => {});
    }
    return redis;
  }
  if (!pool) {
    pool = new pg.Pool({
      connectionString: env().directUrl,
      max: 8,
      options: "-c search_path=bullmq",
      connectionTimeoutMillis: 3000,
    });
    pool.setMaxListeners(LISTENERS);
    pool.on("error", () => {});
  }
  return pool;
}

const classes = () =>
  (env().REDIS_URL ? redisClasses : withBackend(createPostgresBackend)) as typeof redisClasses;

function queueOf(name: QueueName) {
  let queue = queues.get(name);
  if (!queue) {
    const made = new (classes().Queue)(name, { connection: connection() as never });
    made.on("error", (error) => log().warn({ queue: name, error: error.message }, "queue error"));
    queue = made as unknown as { add: AddJob; close(): Promise<void> };
    queues.set(name, queue);
  }
  return queue;
}

/** Sends a pointer; the same `key` twice while the first is open is one message. */
export async function enqueue<N extends MessageName>(
  name: N,
  payload: Payload<N>,
  key: string,
): Promise<void> {
  const { queue, schema, attempts, backoffMs } = CATALOGUE[name];
  await queueOf(queue).add(name, schema.parse(payload), {
    jobId: key.replaceAll(":", "."),
    attempts,
    backoff: { type: "exponential", delay: backoffMs },
    removeOnComplete: true,
    removeOnFail: true,
  });
}

export type Handlers<Q extends QueueName> = {
  [N in MessageName as (typeof CATALOGUE)[N]["queue"] extends Q ? N : never]: (
    payload: Payload<N>,
    attempt: { number: number; isLast: boolean },
  ) => Promise<void>;
};

/** Consumes one queue. An unknown name is dropped with a warning: an older process must not block a newer one. */
export function consume<Q extends QueueName>(
  queue: Q,
  concurrency: number,
  handlers: Handlers<Q>,
): { close(): Promise<void> } {
  const worker = new (classes().Worker)(
    queue,
    async (job) => {
      const entry = CATALOGUE[job.name as MessageName];
      const handler = (
        handlers as Record<
          string,
          (payload: never, attempt: { number: number; isLast: boolean }) => Promise<void>
        >
      )[job.name];
      if (!entry || !handler) return log().warn({ name: job.name, id: job.id }, "unknown message dropped");
      const number = job.attemptsMade + 1;
      await handler(entry.schema.parse(job.data) as never, { number, isLast: number >= entry.attempts });
    },
    {
      connection: connection() as never,
      concurrency,
      lockDuration: 30_000,
      stalledInterval: 15_000,
      maxStalledCount: 5,
    },
  );
  worker.on("error", (error) => log().warn({ queue, error: error.message }, "worker error"));
  worker.on("failed", (job, error) =>
    log().error({ queue, name: job?.name, id: job?.id, error: error.message }, "message failed"),
  );
  return { close: () => worker.close() };
}

let relay: Relay<never> | undefined;

/** Wake-ups between processes, on both brokers. A lost one costs a second: readers also look at the rows. */
function wakeups(): Relay<never> {
  if (!relay) {
    const options = env().REDIS_URL
      ? { connection: connection(), namespace: "graft" }
      : { connection: connection(), namespace: "graft", backend: createPostgresRelayBackend };
    relay = new Relay(options as never);
    relay.on("error", () => {});
  }
  return relay;
}

export async function publishWakeup(topic: string): Promise<void> {
  await wakeups()
    .publish(topic, {})
    .catch(() => {});
}

export async function onWakeup(topic: string, listener: () => void): Promise<() => Promise<void>> {
  try {
    const subscription = await wakeups().subscribe(topic, () => listener());
    return () => subscription.unsubscribe();
  } catch {
    return async () => {};
  }
}

/** True when the broker answers. */
export async function pingQueue(): Promise<boolean> {
  try {
    const on = connection();
    await (on instanceof Redis ? on.ping() : on.query("select 1"));
    return true;
  } catch {
    return false;
  }
}

export async function closeQueues(): Promise<void> {
  await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
  queues.clear();
  await relay?.close().catch(() => {});
  relay = undefined;
  await pool?.end().catch(() => {});
  pool = undefined;
  redis?.disconnect();
  redis = undefined;
}
