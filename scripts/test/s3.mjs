import { spawn } from "node:child_process";
import { freePort } from "../start/home.mjs";
import { whenListening } from "./listening.mjs";
import { pythonWith } from "./python.mjs";

/** An empty S3 (moto answers like it) on a free port, or null when Python cannot supply it. */
export async function startS3() {
  const python = pythonWith("s3");
  if (!python) return null;
  const port = await freePort();
  const args = ["-m", "moto.server", "-H", "127.0.0.1", "-p", String(port)];
  const child = spawn(python, args, { stdio: "ignore" });
  const stop = await whenListening(child, port);
  return stop && { url: `http://127.0.0.1:${port}`, stop };
}
