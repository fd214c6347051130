import { connect } from "node:net";
import { pause } from "../start/processes.mjs";

const LIMIT_MS = 20_000;

/** Waits until a server of ours takes connections; returns what stops it, or null when it never does. */
export async function whenListening(child, port) {
  const ended = new Promise((done) => child.once("exit", done));
  for (const end = Date.now() + LIMIT_MS; !(await accepts(port)); await pause(50))
    if (Date.now() > end || child.exitCode !== null) {
      child.kill("SIGKILL");
      return null;
    }
  return async () => {
    child.kill("SIGTERM");
    await ended;
  };
}

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
