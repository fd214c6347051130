import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBase } from "../base/forward";
import { openTokenizer } from "../base/tokenizer";
import { hashRows } from "../data/frozen-rows";
import type { Ask, BaseFiles, Predictor, Run, TrainOrder } from "../task";

/** Orders and runs of an engine for the tests of tasks, below a folder that goes with the test file. */
export function trainingFolder() {
  const root = mkdtempSync(join(tmpdir(), "graft-task-"));
  let made = 0;
  const rowsFile = (rows: readonly object[]) => {
    const path = join(root, `rows-${made++}.ndjson`);
    writeFileSync(path, rows.map((row, i) => JSON.stringify({ line: i + 2, ...row })).join("\n"));
    return path;
  };
  return {
    root,
    remove: () => rmSync(root, { recursive: true, force: true }),
    rowsFile,
    order(rows: readonly { input: unknown; target: unknown }[], more: Partial<TrainOrder> = {}): TrainOrder {
      return {
        rowsPath: rowsFile(rows),
        rowsSha256: hashRows(rows.map((row) => ({ line: 0, ...row }))),
        validationRowsPath: null,
        splitPath: null,
        recipe: "lexical",
        base: null,
        seed: 42,
        refit: true,
        budgetMinutes: 5,
        ...more,
      };
    },
    /** `said`: its stages and log lines; `stages`: the former alone. */
    run(): Run & { said: string[]; stages: string[] } {
      const [said, stages]: [string[], string[]] = [[], []];
      const dir = join(root, `run-${made++}`);
      mkdirSync(join(dir, "checkpoints"), { recursive: true });
      return {
        dir,
        cacheDir: join(root, "cache"),
        checkpointDir: join(dir, "checkpoints"),
        threads: 2,
        signal: new AbortController().signal,
        stage(stage, status) {
          said.push(`${stage} ${status}`);
          stages.push(`${stage} ${status}`);
        },
        progress: () => {},
        log: (_, message) => said.push(message),
        provisional: () => {},
        said,
        stages,
      };
    },
  };
}

/** Asks an opened model the way serve does. */
export async function answer<Input, Output>(
  model: Predictor<Input, Output>,
  inputs: readonly Input[],
  base: BaseFiles | null,
  ask: Ask = { topK: 10, nearest: 0 },
): Promise<Output[]> {
  const { requests } = model.before(inputs);
  if (!base)
    return model.after(
      inputs,
      requests.map(() => []),
      ask,
    );
  const session = await openBase(base.dir, { threads: 2 });
  const vectors = await session.embed(requests.flat());
  await session.close();
  let used = 0;
  return model.after(
    inputs,
    requests.map(({ length }) => {
      used += length;
      return vectors.slice(used - length, used);
    }),
    ask,
  );
}

export const tokenizersOf = (base: BaseFiles | null) => () =>
  base ? openTokenizer(base.dir, 256) : Promise.reject(new Error("no base is needed"));
