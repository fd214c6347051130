import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** The command line of a process, empty when it is gone. */
export function commandOf(pid) {
  if (!isAlive(pid)) return "";
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ");
  } catch {
    return spawnSync("ps", ["-p", String(pid), "-o", "command="], { encoding: "utf8" }).stdout ?? "";
  }
}

export function parentOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in brackets may hold blanks; the parent is the second field behind it.
    return Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
  } catch {
    return Number(spawnSync("ps", ["-p", String(pid), "-o", "ppid="], { encoding: "utf8" }).stdout) || 0;
  }
}

export const pause = (ms) => new Promise((done) => setTimeout(done, ms));

/** Waits until a process is gone; false when it outlives the limit. */
export async function waitGone(pid, limitMs) {
  for (const end = Date.now() + limitMs; isAlive(pid); await pause(50)) if (Date.now() > end) return false;
  return true;
}

/** To a process and what it started, when it leads a group; to it alone otherwise. */
export function signalGroup(pid, signal) {
  try {
    process.kill(-pid, signal);
  } catch {
    try {
      process.kill(pid, signal);
    } catch {
      // Gone already.
    }
  }
}
