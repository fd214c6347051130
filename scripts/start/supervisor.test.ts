import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { lockHome } from "./home.mjs";
import { isAlive, pause, waitGone } from "./processes.mjs";
import { createSupervisor } from "./supervisor.mjs";

const folder = () => mkdtempSync(join(tmpdir(), "graft-supervisor-"));
/** A process that writes down its number and goes on for ever. */
const beat = (path: string) => [
  "-e",
  `require("fs").appendFileSync(${JSON.stringify(path)}, process.pid + "\\n"); setInterval(() => {}, 1000)`,
];
const pidsIn = (path: string): number[] => {
  try {
    return readFileSync(path, "utf8").trim().split("\n").map(Number);
  } catch {
    return [];
  }
};

async function pidNumber(path: string, index: number): Promise<number> {
  for (const end = Date.now() + 10_000; Date.now() < end; await pause(20)) {
    const pid = pidsIn(path)[index];
    if (pid) return pid;
  }
  throw new Error(`process ${index} did not start`);
}

test("a process that is killed is started again, and stop ends it for good", async () => {
  const home = folder();
  const supervisor = createSupervisor({ logsDir: home, env: process.env });
  const path = join(home, "pids");
  supervisor.add({
    name: "one",
    command: process.execPath,
    args: beat(path),
    cwd: home,
    env: process.env,
  });
  process.kill(await pidNumber(path, 0), "SIGKILL");
  const second = await pidNumber(path, 1);
  await supervisor.stop();
  expect(isAlive(second)).toBe(false);
  expect(pidsIn(path)).toHaveLength(2);
});

test("what runs once is not started again", async () => {
  const home = folder();
  const supervisor = createSupervisor({ logsDir: home, env: process.env });
  const args = ["-e", "console.log('working'); console.log('ready in 1 s')"];
  const spec = { name: "once", isOnce: true, command: process.execPath, args, cwd: home, env: process.env };
  const { isRunning, tail } = supervisor.add(spec);
  for (const end = Date.now() + 10_000; isRunning() && Date.now() < end; ) await pause(20);
  // Longer than the first pause before a restart.
  await pause(700);
  expect(isRunning()).toBe(false);
  expect(tail()).toBe("working\nready in 1 s");
  await supervisor.stop();
});

test("everything ends when the supervisor itself is killed outright", async () => {
  const home = folder();
  const path = join(home, "pids");
  const script = join(home, "main.mjs");
  writeFileSync(
    script,
    `import { createSupervisor } from ${JSON.stringify(resolve("scripts/start/supervisor.mjs"))};
     const supervisor = createSupervisor({ logsDir: ${JSON.stringify(home)}, env: process.env });
     for (const isLast of [true, false]) supervisor.add({ name: "p" + isLast, isLast, command: process.execPath,
       args: ${JSON.stringify(beat(path))}, cwd: ${JSON.stringify(home)}, env: process.env });`,
  );
  const main = spawn(process.execPath, [script], { stdio: "ignore" });
  const pids = [await pidNumber(path, 0), await pidNumber(path, 1)];
  main.kill("SIGKILL");
  for (const pid of pids) expect(await waitGone(pid, 10_000)).toBe(true);
});

test("a second start on a home is refused while the first runs, and a dead one's lock is taken over", () => {
  const home = folder();
  writeFileSync(join(home, "start.lock"), JSON.stringify({ pid: 0x7ffffffe }));
  const unlock = lockHome(home);
  unlock();
  const other = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)", "start.mjs"], {
    stdio: "ignore",
  });
  writeFileSync(join(home, "start.lock"), JSON.stringify({ pid: other.pid }));
  expect(() => lockHome(home)).toThrow(/already in use/);
  other.kill("SIGKILL");
});
