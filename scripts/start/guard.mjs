import { isAlive, pause, signalGroup, waitGone } from "./processes.mjs";

/**
 * Ends what the supervisor started when the supervisor is killed outright. The pipe from it closes with it,
 * however it ends; what was written last is the list of processes to look after.
 */
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});
let text = "";
process.stdin.setEncoding("utf8");
process.stdin.on("data", (chunk) => {
  text = (text + chunk).split("\n").slice(-2).join("\n");
});
process.stdin.on("error", () => {});
process.stdin.on("close", async () => {
  const processes = JSON.parse(text.split("\n")[0] || "[]");
  const [first, last] = [false, true].map((isLast) => processes.filter((one) => one.isLast === isLast));
  for (const { pid } of first) signalGroup(pid, "SIGTERM");
  await Promise.all(first.map(({ pid }) => waitGone(pid, 8000)));
  for (const { pid } of first) signalGroup(pid, "SIGKILL");
  for (const { pid } of last) if (isAlive(pid)) process.kill(pid, "SIGINT");
  await Promise.all(last.map(({ pid }) => waitGone(pid, 10_000)));
  for (const { pid } of last) if (isAlive(pid)) process.kill(pid, "SIGQUIT");
  await pause(100);
  process.exit(0);
});
