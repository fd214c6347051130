import { spawn, spawnSync } from "node:child_process";
import { connect } from "node:net";
import { freePort } from "../start/home.mjs";
import { pause } from "../start/processes.mjs";

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
  const ended = new Promise((done) => child.once("exit", done));
  for (const end = Date.now() + 10_000; !(await accepts(port)); await pause(50))
    if (Date.now() > end || child.exitCode !== null) {
      child.kill("SIGKILL");
      return null;
    }
  return {
    url: `redis://127.0.0.1:${port}`,
    async stop() {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

export const hasRedis = () => spawnSync("redis-server", ["--version"]).status === 0;

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
}
