import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";

test("a child whose worker is gone before it has started ends all the same", async () => {
  const entry = fileURLToPath(new URL("./check-child.ts", import.meta.url));
  const child = fork(entry, [], { execArgv: ["--import", "tsx"], stdio: "ignore" });
  child.disconnect();
  const [code] = await once(child, "exit", { signal: AbortSignal.timeout(40_000) }).finally(() =>
    child.kill("SIGKILL"),
  );
  expect(code).toBe(1);
});
