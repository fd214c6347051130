import { spawn, spawnSync } from "node:child_process";
import { freePort } from "../start/home.mjs";
import { whenListening } from "./listening.mjs";

/** REDIS_URL when given, else the system's redis-server on a port of its own, else null. */
export async function startRedis(folder) {
  if (process.env.REDIS_URL) return { url: process.env.REDIS_URL, stop: async () => {} };
  if (!hasRedis()) return null;
  const port = await freePort();
  const child = spawn(
    "redis-server",
    ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", folder],
    { stdio: "ignore" },
  );
  const stop = await whenListening(child, port);
  return stop && { url: `redis://127.0.0.1:${port}`, stop };
}

export const hasRedis = () => spawnSync("redis-server", ["--version"]).status === 0;
