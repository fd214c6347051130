import { spawn } from "node:child_process";

/** Programs that run to their end. What is still running is ended when the start is stopped half-way. */
const running = new Set();

/** Resolves with exit code and the end of the output; never rejects for a program that fails. */
export function run(command, args, { cwd, env, timeoutMs, onLine, inherit = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: env ?? process.env,
      stdio: inherit ? "inherit" : ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    let output = "";
    let timedOut = false;
    const timer = timeoutMs
      ? setTimeout(() => {
          timedOut = true;
          child.kill("SIGKILL");
        }, timeoutMs)
      : undefined;
    const read = (chunk) => {
      output = (output + chunk).slice(-20_000);
      if (onLine) for (const line of String(chunk).split("\n")) if (line.trim() !== "") onLine(line);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    const end = (code) => {
      clearTimeout(timer);
      running.delete(child);
      resolve({ code: code ?? 1, output: output.trim(), timedOut });
    };
    child.on("error", (error) => {
      output += error.message;
      end(127);
    });
    child.on("close", end);
  });
}

export function endRunning() {
  for (const child of running) child.kill("SIGTERM");
}

/** The last lines of an output, for an error message. */
export const lastLines = (output, count = 15) => output.split("\n").slice(-count).join("\n");
