import { Redis } from "ioredis";
import { describe } from "vitest";
import { defineWorkerSuite } from "./worker-suite";

/** The same guarantees with Redis as the broker; skipped where there is none. */
const url = process.env.REDIS_TEST_URL;
if (url) process.env.REDIS_URL = url;

async function dropMessages(): Promise<void> {
  const redis = new Redis(String(url));
  await redis.flushdb();
  redis.disconnect();
}

describe.skipIf(!url)("on Redis", () => {
  defineWorkerSuite({
    dropMessages,
    setPublicUrl: (address) => {
      process.env.GRAFT_URL = address;
    },
  });
});
