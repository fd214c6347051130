import { fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { type FromChild, fromChildSchema, type TrainOrder } from "./messages";

test("a child whose worker is gone before it has started ends all the same", async () => {
  const entry = fileURLToPath(new URL("./check-child.ts", import.meta.url));
  const child = fork(entry, [], { execArgv: ["--import", "tsx"], stdio: "ignore" });
  child.disconnect();
  const [code] = await once(child, "exit", { signal: AbortSignal.timeout(40_000) }).finally(() =>
    child.kill("SIGKILL"),
  );
  expect(code).toBe(1);
});

test("a training says what it computes with before it reads a row", async () => {
  const entry = fileURLToPath(new URL("./train-child.ts", import.meta.url));
  const child = fork(entry, [], {
    execArgv: ["--import", "tsx"],
    stdio: ["ignore", "ignore", "ignore", "ipc"],
  });
  const said: FromChild[] = [];
  child.on("message", (raw) => said.push(fromChildSchema.parse(raw)));
  const dir = "/nowhere/that/is";
  const order: TrainOrder = {
    kind: "train",
    task: "text-classification",
    order: {
      rowsPath: `${dir}/rows.ndjson`,
      rowsSha256: "",
      validationRowsPath: null,
      splitPath: null,
      recipe: "lexical",
      base: null,
      seed: 1,
      refit: false,
      budgetMinutes: 1,
    },
    run: { dir, cacheDir: dir, checkpointDir: dir, threads: 1 },
  };
  child.send(order);
  await once(child, "exit", { signal: AbortSignal.timeout(60_000) }).finally(() => child.kill("SIGKILL"));
  const [first, ...others] = said.filter(({ kind }) => kind !== "beat");
  expect(first).toMatchObject({ kind: "backend", label: expect.stringMatching(/^TensorFlow\.js /) });
  expect(others.at(-1)?.kind).toBe("crashed");
});
