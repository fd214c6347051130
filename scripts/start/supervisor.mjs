import { spawn } from "node:child_process";
import { createWriteStream, existsSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { isAlive, pause, signalGroup, waitGone } from "./processes.mjs";
import { say } from "./steps.mjs";

const BACK_OFF_MS = [500, 1000, 2000, 5000, 10_000, 30_000];
/** A process that lived this long failed for a new reason: its back-off begins again. */
const HEALTHY_MS = 60_000;
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;

/**
 * Keeps processes running. Each leads a group of its own, so that Ctrl-C on a terminal reaches this process
 * alone and the order of stopping is ours. A guard ends them if this process is killed outright.
 */
export function createSupervisor({ logsDir, env }) {
  const entries = [];
  const guard = spawn(process.execPath, [fileURLToPath(new URL("guard.mjs", import.meta.url))], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
    env,
  });
  guard.on("error", () => {});
  guard.stdin.on("error", () => {});
  const tellGuard = () =>
    guard.stdin.write(
      `${JSON.stringify(entries.filter((entry) => entry.pid).map(({ pid, isLast }) => ({ pid, isLast })))}\n`,
    );
  let isStopping = false;
  let isQuiet = true;

  function launch(entry) {
    const { command, args, cwd, uid, gid } = entry;
    const startedAt = Date.now();
    const child = spawn(command, args, {
      cwd,
      env: entry.env,
      stdio: ["ignore", "pipe", "pipe"],
      detached: true,
      ...(uid === undefined ? {} : { uid, gid }),
    });
    entry.child = child;
    entry.pid = child.pid;
    tellGuard();
    const hear = (stream) => onLines(stream, (line) => note(entry, line));
    hear(child.stdout);
    hear(child.stderr);
    child.once("error", (error) => note(entry, error.message));
    const end = (code, signal) => {
      if (entry.child !== child) return;
      entry.child = undefined;
      entry.pid = undefined;
      if (isStopping) return;
      if (entry.isOnce) {
        tellGuard();
        entry.log.end();
        return say(`[${entry.name}] ${entry.tail.at(-1) ?? how(code, signal)}`);
      }
      // What it started must not outlive it beside its successor.
      if (child.pid) signalGroup(child.pid, "SIGKILL");
      entry.failures = Date.now() - startedAt > HEALTHY_MS ? 0 : entry.failures;
      const waitMs = BACK_OFF_MS[Math.min(entry.failures, BACK_OFF_MS.length - 1)];
      entry.failures++;
      say(`${entry.name} ended (${how(code, signal)}); it is started again in ${waitMs / 1000} s`);
      entry.timer = setTimeout(async () => {
        await entry.beforeRestart?.();
        if (!isStopping) launch(entry);
      }, waitMs);
    };
    // What runs once is over when its last line was read.
    child.once(entry.isOnce ? "close" : "exit", end);
    child.once("error", () => child.pid ?? end(127, null));
  }

  function note(entry, line) {
    entry.log.write(`${line}\n`);
    entry.tail = [...entry.tail.slice(-30), line];
    if (!isQuiet && !entry.isOnce && isWorthShowing(line)) say(`[${entry.name}] ${line}`);
  }

  return {
    /**
     * `{ name, command, args, cwd, env, uid?, gid?, stopSignal?, isLast?, isOnce?, beforeRestart? }`. One that
     * runs once to its end shows its last line alone.
     */
    add(spec) {
      const entry = { stopSignal: "SIGTERM", isLast: false, ...spec, failures: 0, tail: [] };
      entry.log = openLog(join(logsDir, `${spec.name}.log`));
      entries.push(entry);
      launch(entry);
      return { isRunning: () => entry.child !== undefined, tail: () => entry.tail.join("\n") };
    },
    /** From now on what the processes print is shown too. */
    show() {
      isQuiet = false;
    },
    /** Everything at once, and the last ones (PostgreSQL) when nothing uses them any more. */
    async stop(limitMs = 20_000) {
      isStopping = true;
      for (const isLast of [false, true])
        await Promise.all(
          entries.filter((entry) => entry.isLast === isLast).map((entry) => stopOne(entry, limitMs)),
        );
      guard.stdin.end("[]\n");
      for (const entry of entries) entry.log.end();
    },
  };
}

async function stopOne(entry, limitMs) {
  clearTimeout(entry.timer);
  const { pid } = entry;
  if (!pid || !isAlive(pid)) return;
  // The leader alone: it stops what it started in its own order.
  process.kill(pid, entry.stopSignal);
  if (await waitGone(pid, limitMs)) {
    if (!entry.isLast) signalGroup(pid, "SIGKILL");
    return;
  }
  say(`${entry.name} did not stop within ${limitMs / 1000} s and is ended`);
  signalGroup(pid, entry.isLast ? "SIGQUIT" : "SIGKILL");
  await Promise.race([waitGone(pid, 5000), pause(5000)]);
}

const how = (code, signal) => (signal ? `signal ${signal}` : `exit code ${code}`);

function openLog(path) {
  if (existsSync(path) && statSync(path).size > LOG_LIMIT_BYTES) {
    rmSync(`${path}.1`, { force: true });
    renameSync(path, `${path}.1`);
  }
  return createWriteStream(path, { flags: "a", mode: 0o600 });
}

function onLines(stream, take) {
  let rest = "";
  stream.setEncoding("utf8");
  stream.on("data", (chunk) => {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop();
    for (const line of lines) if (line.trim() !== "") take(line);
  });
  stream.on("end", () => rest.trim() !== "" && take(rest));
}

/** Lines below a warning stay in the log file: one a request would bury everything else. */
function isWorthShowing(line) {
  // PostgreSQL's own word for routine.
  if (/ LOG: {2}/.test(line)) return false;
  if (!line.startsWith("{")) return true;
  const level = /"level":(\d+)/.exec(line);
  return !level || Number(level[1]) >= 40;
}
